"""Behaviour of market data that a switch decides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Hold how market data behaves where a switch says."""

    #: Ticks a second to send over all lines at least; 0 adds none.
    tick_rate: int = 0
    #: Whether a snapshot of an index waits its eleven seconds for a bid and an ask.
    index_snapshots_wait: bool = False
