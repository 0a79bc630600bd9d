"""Dearest: contracts ordered by the cost of their uncertain price, the highest cost first.

Costs are computed again about once a second. A contract that was taken is not returned until then:
its new quote has changed what it costs.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from math import isfinite


class Dearest:
    """The order of contracts by one set of costs."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._taken: set[int] = set()
        #: Whether any contract had a cost when they were weighed last.
        self.weighs = False

    def weigh(self, costs: Mapping[int, float]) -> None:
        """Take what each contract costs; one whose cost is not known is left out."""
        self._heap = [
            (-cost, con_id) for con_id, cost in costs.items() if cost > 0.0 and isfinite(cost)
        ]
        heapq.heapify(self._heap)
        self._taken.clear()
        self.weighs = bool(self._heap)

    def first(self, may_go: Callable[[int], bool]) -> int | None:
        """Return the contract that costs most and may be quoted; others wait for the next costs."""
        heap, taken = self._heap, self._taken
        while heap and (heap[0][1] in taken or not may_go(heap[0][1])):
            heapq.heappop(heap)
        return heap[0][1] if heap else None

    def took(self, con_id: int) -> None:
        """Note that a contract is about to be quoted, for whatever reason."""
        if self._heap:
            self._taken.add(con_id)
