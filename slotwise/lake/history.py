"""One contract's past: every state that was observed, in the order it was."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import within
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.rules.landing import POSITIONS


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one state: what was held, at what price, when observed and when landed."""

    account: str
    quantity: Decimal
    avg_cost: Decimal | None
    price: Decimal | None
    source: str
    strategy: str | None
    observed_at: datetime
    landed_at: datetime


def history(
    lake: Lake, con_id: int, since: datetime | None = None, until: datetime | None = None
) -> list[Seen]:
    """Read every state of a contract observed in a time, oldest first; raises LakeError."""
    limits = [f"con_id = {int(con_id)}", *within("observed_at", since, until)]
    rows = ask(
        lake,
        f"""
        SELECT account, quantity, avg_cost, price, source, strategy, observed_at, landed_at
        FROM {POSITIONS} WHERE {" AND ".join(limits)}
        ORDER BY observed_at, sequence, landing, landed_at
        """,
        POSITIONS,
    )
    return values_of(rows, Seen, POSITIONS)


def changes(states: list[Seen]) -> list[Seen]:
    """Drop the states with the same quantity and cost as the one before of the account."""
    last: dict[str, tuple[Decimal, Decimal | None]] = {}
    kept = []
    for state in states:
        state_of = (state.quantity, state.avg_cost)
        if last.get(state.account) != state_of:
            kept.append(state)
        last[state.account] = state_of
    return kept
