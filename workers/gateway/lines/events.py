"""The line ledger: what happened to each line, on its way to table `line_events`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from slotwise.contract import Contract
from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import LINE_EVENTS
from slotwise.position_writer import Append
from slotwise.rules.data_gaps import LineEvent, LineEventName
from slotwise.rules.landing import Rows

#: After these a contract is not seen although it is wanted, and may hold no line.
_MISSED = frozenset(("waits", "lost", "refused", "gave_way"))


class LineLedger:
    """Collect line events and send them as one entry at each flush."""

    def __init__(self, append: Append) -> None:
        self._append = append
        self._misfits = MisfitLog(LINE_EVENTS.name)
        self._events: list[LineEvent] = []
        #: Contracts that waited or were lost and did not get a line since.
        self._missed: dict[int, Contract] = {}

    def note(
        self,
        contract: Contract,
        event: LineEventName,
        reason: str,
        held: int,
        allowed: int,
        at: datetime,
    ) -> None:
        """Write an event down."""
        if event in _MISSED:
            self._missed[contract.con_id] = contract
        elif event in ("opened", "closed"):
            self._missed.pop(contract.con_id, None)
        self._events.append(
            LineEvent(contract.con_id, contract.label, event, reason, held, allowed, at)
        )

    def is_missed(self, con_id: int) -> bool:
        """Return whether a contract was lost, or waited, and did not get a line since."""
        return con_id in self._missed

    def all_missed(self, but: Collection[int]) -> list[Contract]:
        """Return the contracts that were lost and have no line, except these."""
        return [contract for con_id, contract in self._missed.items() if con_id not in but]

    def flush(self) -> None:
        """Send what was written down."""
        if self._events:
            events, self._events = self._events, []
            batch = self._misfits.batch(events, LINE_EVENTS.sent, ("con_id",))
            if batch is not None:
                self._append(Rows(LINE_EVENTS.name), batch)
