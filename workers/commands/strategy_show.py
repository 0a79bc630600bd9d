"""`slotwise strategies show`: a strategy's contracts, their lines and their newest prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
import typer

from slotwise.bus.board import QuoteBoard
from slotwise.bus.status import GatewayStatus, LegStatus, StatusBoard
from slotwise.lake.registry_store import open_registry
from slotwise.quote import Quote
from slotwise.settings import settings
from slotwise.strategy import Strategy
from workers.commands.common import AsJson, open_bus
from workers.commands.output import PlainTable, console, say_json


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """How one contract stands; `line` is held, waits, refused, expired, none yet or unknown."""

    con_id: int
    contract: str
    line: str
    price: Decimal | None
    observed_at: datetime | None


def show(
    name: Annotated[str, typer.Argument(help="The strategy's name.")],
    as_json: AsJson = False,
) -> None:
    """Show a strategy's contracts: who has a line, and the newest price of each.

    Example: slotwise strategies show spy-put
    """
    strategy = open_registry(settings().lake_path).get(name)
    with open_bus() as bus:
        status = StatusBoard(bus).get(GatewayStatus)
        quotes = QuoteBoard(bus).get(list(strategy.con_ids))
    rows = shown(strategy, status, quotes)
    if as_json:
        answer = {"strategy": strategy, "contracts": rows}
        say_json(answer)
        return
    title = f"{strategy.name}, priority {strategy.priority}"
    table = PlainTable("contract id", "contract", "line", "price", "at (UTC)", title=title)
    for row in rows:
        price = "" if row.price is None else f"{row.price.normalize():f}"
        at = "" if row.observed_at is None else f"{row.observed_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.con_id), row.contract, row.line, price, at)
    console().print(table)


def shown(
    strategy: Strategy, status: GatewayStatus | None, quotes: Mapping[int, Quote]
) -> tuple[Shown, ...]:
    """Put together what gateway and board say of a strategy's contracts."""
    legs = {} if status is None else {leg.con_id: leg for leg in status.legs}
    rows = []
    for con_id in strategy.con_ids:
        quote = quotes.get(con_id)
        price = None if quote is None else quote.price()[0]
        leg = legs.get(con_id)
        label = "" if status is None else status.lines.get(con_id, ("", ""))[0]
        rows.append(
            Shown(
                con_id=con_id,
                contract=label or (leg.label if leg is not None else ""),
                line=_line(con_id, status, leg),
                price=price,
                observed_at=None if quote is None else quote.observed_at,
            )
        )
    return tuple(rows)


def _line(con_id: int, status: GatewayStatus | None, leg: LegStatus | None) -> str:
    if status is None:
        return "unknown, no gateway runs"
    if con_id in status.lines:
        return "held"
    if leg is not None and leg.state == "expired":
        return f"{leg.reason}: close the strategy"
    if leg is not None and leg.state == "unknown":
        return "unknown contract: correct the strategy's legs"
    if con_id in status.waiting:
        reason = status.refused.get(con_id)
        place = f"waits, place {status.waiting.index(con_id) + 1}"
        return f"{place}: {reason}" if reason else place
    return f"refused: {status.refused[con_id]}" if con_id in status.refused else "none yet"
