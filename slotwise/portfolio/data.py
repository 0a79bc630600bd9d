"""The portfolio as data: rows for JSON, CSV, Arrow and data frames, and its groups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from slotwise.portfolio.grouping import Group, Portfolio
from slotwise.portfolio.price import age_s
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.sums import MEASURES, Sums
from slotwise.precision import MONEY_DECIMALS, rounded

_TIME = pa.timestamp("us", "UTC")
#: Any number of a row: 38 digits, as many behind the point as money has in the lake.
_NUMBER = pa.decimal128(38, MONEY_DECIMALS)
_FIELDS: list[tuple[str, pa.DataType]] = [
    ("account", pa.string()),
    ("con_id", pa.int64()),
    ("symbol", pa.string()),
    ("contract", pa.string()),
    ("kind", pa.string()),
    ("sector", pa.string()),
    ("expiry", pa.string()),
    ("strike", _NUMBER),
    ("right", pa.string()),
    ("currency", pa.string()),
    ("strategy", pa.string()),
    ("quantity", _NUMBER),
    ("avg_cost", _NUMBER),
    ("price", _NUMBER),
    ("price_source", pa.string()),
    ("price_at", _TIME),
    ("price_age_s", pa.float64()),
    ("moved_at", _TIME),
    ("band", _NUMBER),
    ("freshness", pa.string()),
    ("delayed", pa.bool_()),
    ("underlying_price", _NUMBER),
    ("underlying_delayed", pa.bool_()),
    *((name, _NUMBER) for name in MEASURES),
    ("day_assumed", pa.bool_()),
    ("observed_at", _TIME),
]
#: Columns of a table of rows.
SCHEMA = pa.schema(_FIELDS)


def row_data(row: PortfolioRow, at: datetime) -> dict[str, Any]:
    """Return a row by the names of SCHEMA; numbers are rounded to their columns."""
    found: dict[str, Any] = {}
    for field in SCHEMA:
        if field.name == "price_age_s":
            found[field.name] = row.age_s(at)
        elif field.name == "freshness":
            found[field.name] = row.freshness(at)
        else:
            value = getattr(row, field.name)
            if field.type == _NUMBER and value is not None:
                value = rounded(value, MONEY_DECIMALS)
            found[field.name] = None if value == "" else value
    return found


def rows_table(rows: Iterable[PortfolioRow], at: datetime) -> pa.Table:
    """Return rows as an Arrow table of SCHEMA."""
    return pa.Table.from_pylist([row_data(row, at) for row in rows], SCHEMA)


def sums_data(sums: Sums, at: datetime) -> dict[str, Any]:
    """Return sums as JSON prints them, with the age of the oldest price."""
    oldest = sums.oldest_price_at
    age = None if oldest is None else max((at - oldest).total_seconds(), 0.0)
    amounts = {
        name: {"total": sums.known(name), "without": sums.amount(name).without} for name in MEASURES
    }
    return {**msgspec.structs.asdict(sums), **amounts, "oldest_price_age_s": age}


def groups_table(portfolio: Portfolio) -> pa.Table:
    """Return the sums of every group as an Arrow table: a row for each currency and base currency.

    `level` is 0 for the sums of everything; each property of `by` has a column. `without_X` counts
    the holdings whose X is unknown; where all are, X is null.
    """
    fields: list[tuple[str, pa.DataType]] = [
        ("level", pa.int64()),
        *((name, pa.string()) for name in portfolio.by),
        ("sum_currency", pa.string()),
        ("is_base", pa.bool_()),
        ("holdings", pa.int64()),
        ("priced", pa.int64()),
        ("oldest_price_age_s", pa.float64()),
    ]
    for name in MEASURES:
        fields += [(name, _NUMBER), (f"without_{name}", pa.int64())]
    rows = list(_sums_rows(portfolio.total, portfolio.by, portfolio.at))
    return pa.Table.from_pylist(rows, pa.schema(fields))


def _sums_rows(group: Group, by: Sequence[str], at: datetime) -> Iterator[dict[str, object]]:
    for sums in (*group.currencies, *group.bases):
        oldest = sums.oldest_price_at
        row: dict[str, object] = dict(zip(by, group.path, strict=False))
        row |= {
            "level": len(group.path),
            "sum_currency": sums.currency,
            "is_base": sums.is_base,
            "holdings": sums.holdings,
            "priced": sums.priced,
            "oldest_price_age_s": age_s(oldest, at),
        }
        for name in MEASURES:
            row |= {name: sums.known(name), f"without_{name}": sums.amount(name).without}
        yield row
    for inner in group.groups:
        yield from _sums_rows(inner, by, at)


def portfolio_data(
    portfolio: Portfolio, *, with_rows: bool = True, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a portfolio as JSON prints it."""
    return {
        "at": portfolio.at,
        "by": portfolio.by,
        **_group_data(portfolio.total, portfolio.at),
        "rows": [row_data(row, portfolio.at) for row in portfolio.total.rows] if with_rows else [],
        "notes": list(notes),
    }


def _group_data(group: Group, at: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {"path": group.path} if group.path else {}
    return {
        **found,
        "holdings": len(group.rows),
        "currencies": [sums_data(sums, at) for sums in group.currencies],
        "bases": [sums_data(sums, at) for sums in group.bases],
        "groups": [_group_data(one, at) for one in group.groups],
    }
