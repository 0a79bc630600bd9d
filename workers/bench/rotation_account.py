"""What quotes on idle lines came to within a time, by the simulator's ledger and wire log. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from workers.simulator.desks.ledger import LedgerEvent


class Account(NamedTuple):
    """Hold rates by the second, and of each contract the ages that its quotes reached, seconds."""

    rate: float
    takes_s: float
    rejected: int
    ages_s: dict[int, list[float]]


def account(
    ledger: Iterable[LedgerEvent], others: Collection[int], since: float, until: float
) -> Account:
    """Account for the quotes of contracts between two times, unix seconds.

    A quote's age is how old it was when the next one came, or at the end.
    """
    began: dict[int, float] = {}
    took: list[float] = []
    asked = rejected = 0
    ended: dict[int, list[float]] = {con_id: [] for con_id in others}
    for event in ledger:
        within = since <= event.t < until
        if event.event == "snapshot":
            began[event.req_id] = event.t
            asked += within
        elif event.event in ("end", "cancel") and event.req_id in began:
            begin = began.pop(event.req_id)
            if within:
                took.append(event.t - begin)
            if event.con_id in ended and event.t < until:
                ended[event.con_id].append(event.t)
        rejected += within and event.event == "reject"
    return Account(
        rate=asked / (until - since),
        takes_s=sum(took) / len(took) if took else float("inf"),
        rejected=rejected,
        ages_s={con_id: _ages(times, since, until) for con_id, times in ended.items()},
    )


def other_messages(wire_log: Iterable[str], snapshots: float, since: float, until: float) -> float:
    """Give the messages a second that were sent for anything but so many snapshots a second."""
    notes = map(json.loads, wire_log)
    sent = sum(
        note.get("dir") == "in" and note.get("kind") == "frame" and since <= note["t"] < until
        for note in notes
    )
    return float(sent / (until - since) - snapshots)


def _ages(ended: Sequence[float], since: float, until: float) -> list[float]:
    before = [t for t in ended if t < since]
    seen = [*before[-1:], *(t for t in ended if t >= since), until]
    return [b - a for a, b in pairwise(seen)]
