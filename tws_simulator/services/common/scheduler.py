"""What is to happen later."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

#: Told the time at which it really happens, unix seconds.
Action = Callable[[float], None]


@dataclass(order=True, slots=True)
class Entry:
    """Hold one planned action; it can be called off."""

    due: float
    number: int
    action: Action | None = field(compare=False)

    def call_off(self) -> None:
        """Do nothing."""
        self.action = None


class Scheduler:
    """Keep planned actions in the order of their times, unix seconds."""

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._number = 0

    def at(self, due: float, action: Action) -> Entry:
        """Plan an action."""
        self._number += 1
        entry = Entry(due, self._number, action)
        heapq.heappush(self._heap, entry)
        return entry

    @property
    def next_due(self) -> float | None:
        """Return when there is something to do; None when there is nothing."""
        heap = self._heap
        while heap and heap[0].action is None:
            heapq.heappop(heap)
        return heap[0].due if heap else None

    def run(self, now: float) -> None:
        """Run what is due; what that plans for now or before waits for the next run."""
        last = self._number
        heap = self._heap
        later = []
        try:
            while heap and heap[0].due <= now:
                entry = heapq.heappop(heap)
                if entry.number > last:
                    later.append(entry)
                elif entry.action is not None:
                    action, entry.action = entry.action, None
                    action(now)
        finally:
            for entry in later:
                heapq.heappush(heap, entry)
