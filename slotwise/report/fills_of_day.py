"""Fills of a day with their prices: executions, and what they leave of changes of quantities.

Where TWS gave no execution, or not all of them, a fill is inferred from a change of a holding's
quantity, and its price is what the record implies:

| change                        | price                                                           |
|-------------------------------|-----------------------------------------------------------------|
| opened, or more of it         | by the average cost before and after, commission included: cost |
| closed, less, or turned round | the last one quoted before: quote                               |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec.structs import replace

from slotwise.contract import Contract, PositionKey
from slotwise.lake.executions import executions_between
from slotwise.lake.query_parts import timestamp
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.portfolio.row import SECTORS
from slotwise.precision import EXACT
from slotwise.reconciliation.evidence import Execution
from slotwise.reconciliation.executions import QuantityChange, unexplained
from slotwise.report.day import Fill, Move
from slotwise.report.positions_of_day import LOOK_BACK
from slotwise.report.span import Span
from slotwise.report.sql import landed_since
from slotwise.rules.valuation import money

NOTHING, ONE = Decimal(0), Decimal(1)


class Change(msgspec.Struct, frozen=True):
    """A change of a holding's quantity, with what the rows before and after it say."""

    account: str
    con_id: int
    at: datetime
    sec_type: str
    multiplier: Decimal | None
    price_magnifier: int | None
    cost_before: Decimal | None
    cost_after: Decimal | None
    #: The last price that was quoted by then, as quoted.
    quoted: Decimal | None


def fills_of_day(lake: Lake, span: Span, moves: Iterable[Move]) -> tuple[Fill, ...]:
    """Return a day's executions and the fills that follow from its moves besides, oldest first.

    What expires is none. Raises LakeError.
    """
    executions = executions_between(lake, span.begin, span.until)
    rest = _inferred_moves([move for move in moves if move.kind != "expired"], executions)
    changes = {(one.account, one.con_id, one.at): one for one in _changes(lake, span, rest)}
    found = [
        *(executed(one) for one in executions),
        *(fill_of(one, changes.get((one.account, one.con_id, one.at))) for one in rest),
    ]
    return tuple(sorted(found, key=lambda fill: fill.at))


def executed(one: Execution) -> Fill:
    """Return the fill that an execution is."""
    return Fill(
        at=one.at,
        account=one.account,
        con_id=one.con_id,
        contract=one.symbol or str(one.con_id),
        quantity=one.quantity,
        price=one.price,
        price_from="execution",
        commission=one.commission,
        commission_currency=one.commission_currency,
    )


def _inferred_moves(moves: list[Move], executions: Iterable[Execution]) -> list[Move]:
    """Return the moves that executions do not explain, as far as they do not."""
    of_holding: dict[PositionKey, list[Execution]] = defaultdict(list)
    for one in executions:
        of_holding[one.account, one.con_id].append(one)
    of_moves: dict[PositionKey, list[Move]] = defaultdict(list)
    for move in moves:
        of_moves[move.account, move.con_id].append(move)
    found = []
    for key, steps in of_moves.items():
        changes = [QuantityChange(one.at, EXACT.subtract(one.after, one.before)) for one in steps]
        rests = unexplained(changes, of_holding[key])
        for move, change, rest in zip(steps, changes, rests, strict=True):
            if rest == change.quantity:
                found.append(move)
            elif rest:
                # The rest has no average cost of its own.
                found.append(replace(move, before=EXACT.subtract(move.after, rest), is_part=True))
    return found


def fill_of(move: Move, change: Change | None) -> Fill:
    """Return the fill of a move, by the table above."""
    price: Decimal | None = None
    source: Literal["cost", "quote", ""] = ""
    grows = (move.after > move.before >= NOTHING) or (move.after < move.before <= NOTHING)
    if change is not None and grows and not move.is_part:
        price = _by_cost(move, change)
        source = "" if price is None else "cost"
    if change is not None and price is None and change.quoted is not None:
        price, source = change.quoted, "quote"
    return Fill(
        at=move.at,
        account=move.account,
        con_id=move.con_id,
        contract=move.contract,
        quantity=EXACT.subtract(move.after, move.before),
        price=price,
        price_from=source,
    )


def _by_cost(move: Move, change: Change) -> Decimal | None:
    """Return the price that the average costs imply; None where one of them is unknown."""
    before = change.cost_before if move.before else NOTHING
    if before is None or change.cost_after is None or change.multiplier is None:
        return None
    contract = Contract(
        con_id=change.con_id,
        symbol="",
        sec_type=change.sec_type,
        multiplier=change.multiplier,
        price_magnifier=change.price_magnifier,
    )
    unit = money(contract, ONE, ONE)
    if not unit or change.sec_type not in SECTORS:
        return None
    paid = EXACT.subtract(
        EXACT.multiply(move.after, change.cost_after), EXACT.multiply(move.before, before)
    )
    per_piece = EXACT.divide(paid, EXACT.subtract(move.after, move.before))
    return EXACT.divide(per_piece, unit)


def _changes(lake: Lake, span: Span, moves: list[Move]) -> list[Change]:
    """Read the rows at which the moved holdings changed, with those before them."""
    if not moves:
        return []
    con_ids = ", ".join(str(con_id) for con_id in sorted({move.con_id for move in moves}))
    order = "PARTITION BY account, con_id ORDER BY observed_at, landed_at"
    rows = ask(
        lake,
        f"""
        SELECT account, con_id, at, sec_type, multiplier, price_magnifier, cost_before, cost_after,
            quoted
        FROM (
            SELECT account, con_id, observed_at AS at, coalesce(sec_type, '') AS sec_type,
                coalesce(multiplier_exact, multiplier) AS multiplier, price_magnifier,
                quantity, avg_cost AS cost_after,
                lag(quantity) OVER ({order}) AS before, lag(avg_cost) OVER ({order}) AS cost_before,
                coalesce(price, last_value(price) IGNORE NULLS OVER (
                    {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                )) AS quoted
            FROM position_updates
            WHERE {landed_since(span.begin - LOOK_BACK)}
                AND observed_at < {timestamp(span.until)} AND con_id IN ({con_ids})
        ) WHERE at >= {timestamp(span.begin)} AND (before IS NULL OR before <> quantity)
        """,
        "position_updates",
    )
    return msgspec.convert(rows, list[Change])
