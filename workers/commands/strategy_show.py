"""`slotwise strategies show`: a strategy's contracts, their lines and their newest prices."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.lake.registry_store import open_registry
from slotwise.quote import Quote
from slotwise.settings import settings
from slotwise.strategy import Strategy


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Say how one contract stands; `line` is held, waits, refused, none yet or unknown."""

    con_id: int
    contract: str
    line: str
    price: Decimal | None
    observed_at: datetime | None


def show(
    name: Annotated[str, typer.Argument(help="The strategy's name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a strategy's contracts: who has a line, and the newest price of each.

    Example: slotwise strategies show spy-put
    """
    strategy = open_registry(settings().lake_path).get(name)
    bus = Bus(settings().redis_url, settings().key_prefix)
    try:
        status = StatusBoard(bus).get(GatewayStatus)
        quotes = QuoteBoard(bus).get(list(strategy.con_ids))
    finally:
        bus.close()
    rows = shown(strategy, status, quotes)
    if as_json:
        answer = {"strategy": strategy, "contracts": rows}
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        return
    table = Table(title=f"{strategy.name}, priority {strategy.priority}", title_justify="left")
    for column in ("contract id", "contract", "line", "price", "at (UTC)"):
        table.add_column(column)
    for row in rows:
        price = "" if row.price is None else f"{row.price.normalize():f}"
        at = "" if row.observed_at is None else f"{row.observed_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.con_id), row.contract, row.line, price, at)
    Console().print(table)


def shown(
    strategy: Strategy, status: GatewayStatus | None, quotes: Mapping[int, Quote]
) -> tuple[Shown, ...]:
    """Put together what gateway and board say of a strategy's contracts."""
    rows = []
    for con_id in strategy.con_ids:
        quote = quotes.get(con_id)
        price = None if quote is None else quote.price()[0]
        label = "" if status is None else status.lines.get(con_id, ("", ""))[0]
        rows.append(
            Shown(
                con_id=con_id,
                contract=label,
                line=_line(con_id, status),
                price=price,
                observed_at=None if quote is None else quote.observed_at,
            )
        )
    return tuple(rows)


def _line(con_id: int, status: GatewayStatus | None) -> str:
    if status is None:
        return "unknown, no gateway runs"
    if con_id in status.lines:
        return "held"
    if con_id in status.waiting:
        reason = status.refused.get(con_id)
        place = f"waits, place {status.waiting.index(con_id) + 1}"
        return f"{place}: {reason}" if reason else place
    return f"refused: {status.refused[con_id]}" if con_id in status.refused else "none yet"
