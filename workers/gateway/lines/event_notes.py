"""What the streamer writes into the line ledger, with the times that make gaps of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from slotwise.contract import Contract
from slotwise.quote import Quote
from slotwise.rules.data_gaps import LineEventName
from workers.gateway.lines.events import LineLedger
from workers.gateway.lines.sightings import Sightings
from workers.gateway.lines.table import HeldLine, LineTable

UNWANTED = "no strategy wants it"
#: Why a line was taken from a contract that is wanted.
GAVE_WAY = "to a higher priority or to quotes in turn, or its turn is over"


class LineNotes:
    """Note events of lines beside how many are held and allowed."""

    def __init__(self, table: LineTable, ledger: LineLedger, sightings: Sightings) -> None:
        self._table = table
        self._ledger = ledger
        self._sightings = sightings

    def note(
        self, contract: Contract, event: LineEventName, reason: str, at: datetime | None = None
    ) -> None:
        """Note an event, of now where no time is given."""
        held, limit, at = len(self._table.held), self._table.limit, at or datetime.now(UTC)
        self._ledger.note(contract, event, reason, held, limit, at)
        self._sightings.note(contract, event, reason, at)

    def is_new(self, con_id: int) -> bool:
        """Return True where a contract has no line, and no event shows yet that it is unseen."""
        return con_id not in self._table.held and not self._ledger.is_missed(con_id)

    def missed(
        self, line: HeldLine, event: LineEventName, reason: str, last: Quote | None = None
    ) -> None:
        """Note that a line has fallen silent: as of its last tick, `last` where it is given."""
        last = last or line.quote
        at = None if line.stale or last is None else last.observed_at
        line.stale = True
        self.note(line.contract, event, reason, at)

    def seen(self, line: HeldLine, quote: Quote) -> None:
        """Note the tick that ends a line's gap."""
        line.stale = False
        event: LineEventName = "returned" if line.quote else "first_tick"
        self.note(line.contract, event, "", quote.observed_at)

    def forget_unwanted(self, wanted: Collection[int]) -> None:
        """Note that contracts which were lost are not missed any more."""
        for contract in self._ledger.all_missed(but={*wanted, *self._table.held}):
            self.note(contract, "closed", UNWANTED)
