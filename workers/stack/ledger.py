"""The simulator's ledger, recounted: lines as TWS saw them, not as we think they were."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec


class LedgerEvent(msgspec.Struct, frozen=True):
    """Hold one line of the ledger; `run` changes when the simulator was started anew."""

    t: float
    client_id: int
    event: str
    req_id: int
    con_id: int
    held: int
    limit: int
    run: str = ""


class LineCount(msgspec.Struct, frozen=True):
    """Count lines from ledger events.

    `held` and `peak` count lines that stream; `used_peak` is the most that streams and short
    quotes held together.
    """

    limit: int
    held: int
    peak: int
    used_peak: int
    quotes: int
    requests: int
    cancels: int
    #: Requests that TWS refused because no line was left.
    rejected: int
    #: Events whose own `held` is not what the events before it add up to.
    contradictions: int


def read_ledger(path: Path) -> list[LedgerEvent]:
    """Read a ledger; a last line cut short by a kill is left out."""
    if not path.exists():
        return []
    events = []
    for line in path.read_bytes().splitlines():
        try:
            events.append(msgspec.json.decode(line, type=LedgerEvent))
        except msgspec.DecodeError:
            continue
    return events


class Recount:
    """Add ledger events up, one after another."""

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._run: str | None = None
        #: Lines that are held, and whether each streams.
        self._open: dict[tuple[int, int], bool] = {}
        self._held = self._peak = self._used_peak = self._quotes = 0
        self._requests = self._cancels = self._rejected = self._contradictions = 0

    def add(self, event: LedgerEvent) -> None:
        """Take the next event."""
        if event.run != self._run:
            self._run = event.run
            self._open.clear()
            self._held = 0
        line = (event.client_id, event.req_id)
        match event.event:
            case "open" | "snapshot":
                streams = event.event == "open"
                self._requests += 1
                self._quotes += not streams
                self._close(line)
                self._open[line] = streams
                self._held += streams
            case "cancel":
                self._cancels += 1
                self._close(line)
            case "end":
                self._close(line)
            case "reject":
                self._requests += 1
                # What TWS refuses while lines are left has another reason, such as another session.
                self._rejected += event.held >= event.limit
        self._limit = event.limit
        self._contradictions += event.held != len(self._open)
        self._peak = max(self._peak, self._held)
        self._used_peak = max(self._used_peak, len(self._open), event.held)

    def _close(self, line: tuple[int, int]) -> None:
        self._held -= self._open.pop(line, False)

    def count(self) -> LineCount:
        """Give the count so far."""
        return LineCount(
            self._limit,
            self._held,
            self._peak,
            self._used_peak,
            self._quotes,
            self._requests,
            self._cancels,
            self._rejected,
            self._contradictions,
        )


def recount(events: Iterable[LedgerEvent], limit: int = 0) -> LineCount:
    """Add events up; `limit` is what to say when there are none."""
    total = Recount(limit)
    for event in events:
        total.add(event)
    return total.count()


class LedgerTail:
    """Follow a ledger that grows, reading each event once."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._place = 0
        self._recount = Recount(limit)

    def count(self) -> LineCount:
        """Read what is new and give the count."""
        if self._path.exists():
            with self._path.open("rb") as ledger:
                ledger.seek(self._place)
                for line in ledger:
                    if not line.endswith(b"\n"):
                        break
                    self._place += len(line)
                    with suppress(msgspec.DecodeError):
                        self._recount.add(msgspec.json.decode(line, type=LedgerEvent))
        return self._recount.count()
