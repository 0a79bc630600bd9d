"""Rows of the tables that a day's report is made from, with defaults for what does not matter."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from slotwise.reconciliation.report import Break
from slotwise.rules.data_gaps import LineEvent, LineEventName
from slotwise.rules.position_queue import QueueRow
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.values import ACCOUNT, NOON, contract, position, quote
from workers.gateway.outbox.quote_rows import QuoteRow, quote_row


class ReportRow(msgspec.Struct):
    """One row of table `reconciliations`."""

    report_id: str
    completed_at: datetime
    status: str = "matched"
    reason: str | None = None
    account: str | None = None
    snapshot_id: str | None = "s1"
    requested_at: datetime = NOON
    matched: int = 3
    breaks: int = 0
    healed: int = 0
    mended: int = 0


def line_event(
    con_id: int, event: LineEventName, when: datetime, held: int = 1, **changes: Any
) -> LineEvent:
    """Note an event of a line."""
    noted = LineEvent(
        con_id=con_id,
        symbol=f"S{con_id}",
        event=event,
        reason="",
        held=held,
        allowed=100,
        at=when,
    )
    return replace(noted, **changes)


def quoted(con_id: int, when: datetime, **changes: Any) -> QuoteRow:
    """Quote a contract."""
    named = contract(con_id, **({"symbol": changes.pop("symbol")} if "symbol" in changes else {}))
    return quote_row(named, quote(con_id, observed_at=when, **{"bid": 1, "ask": 2} | changes))


def held_row(con_id: int, quantity: int | str, when: datetime, **changes: Any) -> PositionRow:
    """Return a holding's row."""
    source = changes.pop("source", "batch")
    return position_row(
        position(con_id, quantity, observed_at=when, **changes), None, source=source
    )


def queue_row(item_id: str, state: Any, when: datetime, revision: int = 0) -> QueueRow:
    """Return a queue item's row."""
    return QueueRow(
        item_id=item_id,
        account=ACCOUNT,
        con_id=1,
        priority=2,
        state=state,
        revision=revision,
        attempt=1,
        inserted_at=when,
    )


def broken(con_id: int, when: datetime, **changes: Any) -> Break:
    """Find a difference between book and broker."""
    found = Break(
        break_id=f"b{con_id}-{when.isoformat()}",
        report_id=f"r-{when.isoformat()}",
        life_id=f"b{con_id}",
        state="new",
        account=ACCOUNT,
        con_id=con_id,
        symbol=f"S{con_id}",
        kind="quantity",
        cause="unknown",
        evidence="none of the day's 3 executions explains it",
        book_quantity=Decimal(10),
        broker_quantity=Decimal(12),
        book_avg_cost=Decimal(100),
        broker_avg_cost=Decimal(100),
        book_observed_at=when,
        broker_observed_at=when,
        found_at=when,
        first_found_at=when,
        runs=1,
        lived_s=None,
    )
    return replace(found, **changes)
