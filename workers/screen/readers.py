"""Read what the screen shows: what cannot be read is a fact as well."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, QueueStatus, StatusBoard
from slotwise.errors import BusError, LakeError
from slotwise.lake.queries import last_report, open_breaks
from slotwise.lake.store import Lake
from tasks.roll_call import roll_call
from workers.screen.facts import BusFacts, LakeFacts, WorkerFacts


class BusReader:
    """Read the boards, and remember what they said while Redis says nothing."""

    def __init__(self, bus: Bus) -> None:
        self._status = StatusBoard(bus)
        self._quotes = QuoteBoard(bus)
        self._last = BusFacts()

    def read(self) -> BusFacts:
        """Read how things stand."""
        try:
            gateway = self._status.get(GatewayStatus)
            self._last = BusFacts(
                gateway=gateway,
                queue=self._status.get(QueueStatus),
                quotes=self._quotes.get(list(gateway.lines)) if gateway is not None else {},
                read_at=datetime.now(UTC),
            )
        except BusError as error:
            self._last = self._last.lost(str(error), datetime.now(UTC))
        except msgspec.MsgspecError as error:
            why = f"what is there cannot be read, is it of another version? {error}"
            self._last = self._last.lost(why, datetime.now(UTC))
        return self._last


def read_workers() -> WorkerFacts:
    """Ask who works."""
    try:
        found = roll_call()
    except BusError as error:
        return WorkerFacts(read_at=datetime.now(UTC), error=str(error))
    queues = {name: tuple(of) for name, of in found.items()}
    return WorkerFacts(read_at=datetime.now(UTC), queues=queues)


def read_lake(lake: Lake) -> LakeFacts:
    """Ask the lake how book and broker agree."""
    try:
        report, breaks = last_report(lake), tuple(open_breaks(lake))
    except LakeError as error:
        return LakeFacts(read_at=datetime.now(UTC), error=str(error))
    return LakeFacts(read_at=datetime.now(UTC), report=report, breaks=breaks)
