"""QuoteFloor: the shortest time between two requests for a quote of the same contract.

All times are seconds of any steady clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterator
from math import inf


class QuoteFloor:
    """The time of each contract's last request, and the contracts that wait for their next."""

    def __init__(self, floor_s: float = 0.0) -> None:
        self.floor_s = floor_s
        self._asked_at: dict[int, float] = {}
        #: Contracts that are kept back, by when they may be asked for again.
        self._waiting: list[tuple[float, int]] = []

    def asked(self, con_id: int, now: float) -> None:
        """Note that a contract is asked for."""
        self._asked_at[con_id] = now

    def until(self, con_id: int) -> float:
        """Return when a contract may be asked for again; long ago where it never was."""
        return self._asked_at.get(con_id, -inf) + self.floor_s

    def keep_back(self, con_id: int) -> None:
        """Hold a contract back until its time."""
        heapq.heappush(self._waiting, (self.until(con_id), con_id))

    def let_go(self, now: float) -> Iterator[int]:
        """Yield the contracts whose wait is over; a contract may be given more than once."""
        while self._waiting and self._waiting[0][0] <= now:
            yield heapq.heappop(self._waiting)[1]

    def next_at(self) -> float | None:
        """Return when the first of those that wait may go; None where none waits."""
        return self._waiting[0][0] if self._waiting else None

    def clear(self) -> None:
        """Remove every contract: all are placed anew."""
        self._waiting.clear()

    def keep(self, wanted: Container[int]) -> None:
        """Remove contracts that are not wanted, once they may be asked for again.

        One that is wanted again at once may be asked for no sooner.
        """
        newest = max(self._asked_at.values(), default=-inf)
        for con_id, at in list(self._asked_at.items()):
            if con_id not in wanted and at + self.floor_s < newest:
                del self._asked_at[con_id]
