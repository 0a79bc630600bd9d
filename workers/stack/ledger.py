"""The simulator's ledger, recounted: lines as TWS saw them, not as we think they were."""

from __future__ import annotations

from collections.abc import Iterable
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
    """Count lines from ledger events."""

    limit: int
    held: int
    peak: int
    requests: int
    cancels: int
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


def recount(events: Iterable[LedgerEvent], limit: int = 0) -> LineCount:
    """Add the events up again; `limit` is what to say when there are none."""
    open_lines: set[tuple[int, int]] = set()
    run = None
    peak = requests = cancels = rejected = contradictions = 0
    for event in events:
        if event.run != run:
            run = event.run
            open_lines.clear()
        line = (event.client_id, event.req_id)
        match event.event:
            case "open" | "snapshot":
                requests += 1
                open_lines.add(line)
            case "cancel":
                cancels += 1
                open_lines.discard(line)
            case "end":
                open_lines.discard(line)
            case "reject":
                requests += 1
                rejected += 1
        limit = event.limit
        contradictions += event.held != len(open_lines)
        peak = max(peak, len(open_lines), event.held)
    return LineCount(limit, len(open_lines), peak, requests, cancels, rejected, contradictions)
