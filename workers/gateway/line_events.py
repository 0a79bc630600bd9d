"""The line ledger: what happened to each line, on its way to table `line_events`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from slotwise.contract import Contract
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import LINE_EVENTS
from slotwise.landing import Rows
from slotwise.position_writer import Append

Event: TypeAlias = Literal[
    "opened", "first_tick", "silent", "lost", "returned", "refused", "closed"
]


class LineEvent(msgspec.Struct, frozen=True):
    """Hold one row of table `line_events`."""

    con_id: int
    symbol: str
    event: Event
    reason: str
    held: int
    allowed: int
    at: datetime


class LineLedger:
    """Collect line events and send them as one entry at each flush."""

    def __init__(self, append: Append) -> None:
        self._append = append
        self._events: list[LineEvent] = []

    def note(
        self, contract: Contract, event: Event, reason: str, held: int, allowed: int, at: datetime
    ) -> None:
        """Write an event down."""
        self._events.append(
            LineEvent(contract.con_id, contract.label, event, reason, held, allowed, at)
        )

    def flush(self) -> None:
        """Send what was written down."""
        if self._events:
            events, self._events = self._events, []
            self._append(Rows(LINE_EVENTS.name), to_batch(events, LINE_EVENTS.sent))
