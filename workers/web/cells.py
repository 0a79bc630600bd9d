"""Cells of a holding as a page gets them: texts, written as every other output writes them. Pure.

Facts seldom change; live cells do with each price. None is unknown. A page sorts by the numbers
that it reads from the texts, and computes none of its own.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from slotwise import formatting
from slotwise.portfolio.grouping import GROUPINGS
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.sums import MEASURES
from slotwise.printable import printable
from workers.web.ages import Course, course_of, epoch_ms

Facts: TypeAlias = tuple[str | int | None, ...]
Live: TypeAlias = tuple[str | int | Course | None, ...]

#: Names of the cells, in their order.
FACTS = (
    "con_id", "contract", "account", "kind", "currency", "strategy", "underlying", "expiry",
    "quantity",
)  # fmt: skip
LIVE = (
    "price", "source", "band", "price_at", "ages", "spot", "value", "day", "unrealised", "delta",
    "gamma", "vega", "theta",
)  # fmt: skip


def row_id(row: PortfolioRow, account: str) -> str:
    """Return the name of a holding within a page; `account` is the account as it is shown."""
    return f"{row.con_id} {account}"


def facts_of(row: PortfolioRow, account: str) -> Facts:
    """Return the cells of FACTS; `account` is the account as it is shown."""
    return (
        row.con_id,
        printable(row.contract),
        printable(account),
        row.sector,
        row.currency,
        *(printable(GROUPINGS[name](row)) for name in ("strategy", "underlying", "expiry")),
        formatting.quantity(row.quantity),
    )


def live_of(row: PortfolioRow, at: datetime) -> Live:
    """Return the cells of LIVE at a time."""
    return (
        _price(row.price),
        _source(row),
        _price(row.band),
        epoch_ms(row.price_at) if row.price is not None else None,
        course_of(row, at),
        _price(row.underlying_price),
        *(_money(getattr(row, name)) for name in MEASURES),
    )


def _price(value: Decimal | None) -> str | None:
    return None if value is None else formatting.price(value)


def _money(value: Decimal | None) -> str | None:
    return None if value is None else formatting.money(value)


def _source(row: PortfolioRow) -> str | None:
    if row.price is None:
        return None
    return row.source_words
