"""What happens by itself later, for as long as a client is connected.

Without clients nothing is scheduled: what became due meanwhile happens when the next client starts,
or with the next command.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

from tws_simulator.services.common.scheduler import Entry, Scheduler

#: Called with the time at which it really happens, unix seconds.
Deed = Callable[[float], None]


class Plans:
    """Keep what is due later, unix seconds, and do it in the order of its times."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._due: list[tuple[float, int, str, Deed]] = []
        self._number = 0
        self._watched = False
        self._entry: Entry | None = None

    def at(self, due: float, kind: str, deed: Deed) -> None:
        """Plan a deed of a kind."""
        self._number += 1
        heapq.heappush(self._due, (due, self._number, kind, deed))
        self._schedule()

    def drop(self, kind: str) -> None:
        """Drop what is planned of a kind."""
        self._due = [one for one in self._due if one[2] != kind]
        heapq.heapify(self._due)
        self._schedule()

    def clear(self) -> None:
        """Drop all that is planned."""
        self._due.clear()
        self._schedule()

    def watch(self) -> None:
        """Schedule from now on: a client is connected."""
        self._watched = True
        self._schedule()

    def ignore(self) -> None:
        """Schedule no longer: no client is connected."""
        self._watched = False
        self._schedule()

    def catch_up(self, now: float) -> None:
        """Run what is due."""
        last = self._number
        while self._due and self._due[0][0] <= now and self._due[0][1] <= last:
            _, _, _, deed = heapq.heappop(self._due)
            deed(now)
        self._schedule()

    def _schedule(self) -> None:
        if self._entry is not None:
            self._entry.call_off()
            self._entry = None
        if self._watched and self._due:
            self._entry = self._scheduler.at(self._due[0][0], self._run)

    def _run(self, now: float) -> None:
        self._entry = None
        self.catch_up(now)
