"""What the rotation did within a time, from the simulator's ledger and wire log alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from itertools import pairwise
from pathlib import Path

import msgspec

from tws_simulator.services.market_data.ledger import LedgerEvent
from workers.gateway.message_budget import KEPT_FREE, MOST


class RotationAccount(msgspec.Struct, frozen=True):
    """Hold rates in quotes a second, and each contract's greatest age in seconds."""

    rate: float
    bound: float
    lines_bound: float
    messages_bound: float
    takes_s: float
    #: What the longest quote took, seconds.
    longest_s: float
    rejected: int
    oldest_s: dict[int, float]


def account(
    ledger: Iterable[LedgerEvent],
    wire_log: Path,
    others: Collection[int],
    idle: int,
    since: float,
    until: float,
) -> RotationAccount:
    """Account for quotes on so many idle lines between two times, unix seconds.

    The bound is what the lines give by how long a quote took, or what the messages give that
    nothing else took, whichever is less.
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
    seconds = until - since
    takes_s = sum(took) / len(took)
    other_messages = (_messages(wire_log, since, until) - asked) / seconds
    lines_bound, messages_bound = idle / takes_s, MOST - KEPT_FREE - other_messages
    return RotationAccount(
        rate=asked / seconds,
        bound=min(lines_bound, messages_bound),
        lines_bound=lines_bound,
        messages_bound=messages_bound,
        takes_s=takes_s,
        longest_s=max(took),
        rejected=rejected,
        oldest_s={con_id: _oldest_s(times, since, until) for con_id, times in ended.items()},
    )


def _oldest_s(ended: list[float], since: float, until: float) -> float:
    """Give the greatest age within the time: until the next quote, or the end."""
    before = [t for t in ended if t < since]
    seen = [*before[-1:], *(t for t in ended if t >= since), until]
    return max(b - a for a, b in pairwise(seen)) if before else float("inf")


def _messages(wire_log: Path, since: float, until: float) -> int:
    """Count the messages of the gateway."""
    notes = map(json.loads, wire_log.read_text().splitlines())
    return sum(
        since <= note["t"] < until
        for note in notes
        # A message that had to wait is noted again when it is worked off.
        if note.get("dir") == "in"
        and note.get("kind") == "frame"
        and note.get("state") != "released"
    )
