"""The simulator's ledger, recounted: lines as TWS saw them, not as we think they were.

A quote in turn is a snapshot, or a short stream of a contract that is not active. Which contracts
are active is for the caller to say; without a word every stream is a line that is held.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

#: A stream of a contract that is not active was no quote in turn when it lasted longer, seconds:
#: TWS ends the longest snapshot after 12.
IN_TURN_S = 30.0


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

    `held` and `peak` count lines that stream; `used_peak` is the most that streams and quotes in
    turn held together.
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
    #: Streams of contracts that are not active, and too long for a quote in turn.
    overlong: int = 0
    #: The most lines that streamed at once beyond one for each active contract.
    surplus: int = 0


class _Line(msgspec.Struct, frozen=True):
    """An open line: its contract, and whether it is a stream.

    `since` is when it was opened, or its contract was active last.
    """

    con_id: int
    since: float
    streams: bool


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
        self._active: frozenset[int] | None = None
        self._run: str | None = None
        self._open: dict[tuple[int, int], _Line] = {}
        #: Time of the newest event.
        self._now = 0.0
        self._held = self._peak = self._used_peak = self._quotes = self._overlong = 0
        self._surplus = 0
        self._requests = self._cancels = self._rejected = self._contradictions = 0

    def activate(self, con_ids: Collection[int], at: float = 0.0) -> None:
        """Count from now on only streams of these contracts as lines that are held.

        `at` is the time now, unix seconds: a line whose contract is no longer active may take as
        long to close from then on as a quote in turn; without it from the newest event on.
        """
        active = frozenset(con_ids)
        if active == self._active:
            return
        held = {line: opened for line, opened in self._open.items() if self._is_held(opened)}
        self._active = active
        for line, opened in held.items():
            if not self._is_held(opened):
                self._open[line] = replace(opened, since=max(self._now, at))
        self._held = sum(map(self._is_held, self._open.values()))

    def add(self, event: LedgerEvent) -> None:
        """Take the next event."""
        self._now = event.t
        if event.run != self._run:
            self._run = event.run
            self._open.clear()
            self._held = 0
        line = (event.client_id, event.req_id)
        match event.event:
            case "open" | "snapshot":
                opened = _Line(event.con_id, event.t, event.event == "open")
                self._requests += 1
                self._quotes += not self._is_held(opened)
                self._close(line)
                self._open[line] = opened
                self._held += self._is_held(opened)
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
        if self._active is not None:
            self._surplus = max(self._surplus, self._held - len(self._active))
        self._used_peak = max(self._used_peak, len(self._open), event.held)

    def _close(self, line: tuple[int, int]) -> None:
        closed = self._open.pop(line, None)
        if closed is not None:
            self._held -= self._is_held(closed)
            self._overlong += self._is_overlong(closed)

    def _is_held(self, line: _Line) -> bool:
        return line.streams and (self._active is None or line.con_id in self._active)

    def _is_overlong(self, line: _Line) -> bool:
        return line.streams and not self._is_held(line) and self._now - line.since > IN_TURN_S

    def count(self) -> LineCount:
        """Return the count so far."""
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
            self._overlong + sum(map(self._is_overlong, self._open.values())),
            self._surplus,
        )


class LedgerTail:
    """Follow a ledger that grows, reading each event once."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._place = 0
        self._recount = Recount(limit)

    def activate(self, con_ids: Collection[int], at: float = 0.0) -> None:
        """Count from now on only streams of these contracts as lines that are held."""
        self._recount.activate(con_ids, at)

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
