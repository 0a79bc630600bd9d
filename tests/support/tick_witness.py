"""When ticks of each contract went over the wire, from the simulator's wire log and its ledger."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from math import inf
from pathlib import Path

from tws_simulator.services.market_data.ledger import LedgerEvent

#: Messages that carry a part of a quote: prices of these tick types, and the model's computation.
PRICE, COMPUTATION = "1", "21"
QUOTE_TYPES = frozenset("1249")
MODEL = "13"


class Witness:
    """The times at which each contract's ticks were sent on an open line, unix seconds."""

    def __init__(self, sent: dict[int, list[float]]) -> None:
        self._sent = sent

    def last_until(self, con_id: int, t: float) -> float:
        """Give the last tick sent until then."""
        sent = self._sent.get(con_id, [])
        place = bisect_right(sent, t)
        return sent[place - 1] if place else -inf

    def first_after(self, con_id: int, t: float) -> float:
        """Give the first tick sent later."""
        sent = self._sent.get(con_id, [])
        place = bisect_right(sent, t)
        return sent[place] if place < len(sent) else inf

    def between(self, con_id: int, begin: float, end: float) -> list[float]:
        """Give the ticks sent from one time to before another."""
        sent = self._sent.get(con_id, [])
        return sent[bisect_left(sent, begin) : bisect_left(sent, end)]


def read_witness(wire_log: Path, ledger: Iterable[LedgerEvent]) -> Witness:
    """Read what was sent on open lines; what a silence withheld was not."""
    #: Lines by the id of their request: contract, open since, open until. A new connection uses
    #: the same ids again, never at the same time.
    lines: dict[int, list[tuple[int, float, float]]] = {}
    for event in ledger:
        reported = lines.setdefault(event.req_id, [])
        if event.event == "open":
            reported.append((event.con_id, event.t, inf))
        elif reported and reported[-1][2] == inf and event.event in ("cancel", "end"):
            con_id, since, _ = reported[-1]
            reported[-1] = (con_id, since, event.t)
    sent: dict[int, list[float]] = {}
    for text in wire_log.read_text().splitlines():
        note = json.loads(text)
        if note.get("dir") == "out" and note.get("state") == "sent":
            t, req_id = note["t"], _request_of(note["fields"])
            for con_id, since, until in lines.get(req_id, ()):
                if since <= t <= until:
                    sent.setdefault(con_id, []).append(t)
    return Witness(sent)


def _request_of(fields: list[str]) -> int:
    """Name the request of a tick that makes a quote; -1 for any other message."""
    if fields[0] == PRICE and fields[3] in QUOTE_TYPES:
        return int(fields[2])
    if fields[0] == COMPUTATION and fields[2] == MODEL:
        return int(fields[1])
    return -1
