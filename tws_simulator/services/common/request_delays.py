"""Requests of one client that are worked on later, because answers are slow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tws_simulator.services.common.client import Client
from tws_simulator.services.common.delayed_requests import DelayedRequests
from tws_simulator.services.common.faults import Faults
from tws_simulator.services.common.scheduler import Entry, Scheduler


class RequestDelays:
    """Keep requests until they are due, in their order; `forward` takes what is due."""

    def __init__(
        self,
        client: Client,
        faults: Faults,
        scheduler: Scheduler,
        forward: Callable[[Sequence[bytes], float], None],
    ) -> None:
        self._client = client
        self._faults = faults
        self._scheduler = scheduler
        self._forward = forward
        self._queue = DelayedRequests()
        self._entry: Entry | None = None
        self._ended = False

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, body: bytes, now: float) -> bool:
        """Keep a request that has to wait; return False for one that does not."""
        slow = self._faults.slow
        wait_s = slow.wait_s(body) if slow is not None else 0.0
        if not wait_s and not self._queue:
            return False
        self._queue.put(body, now + wait_s)
        if slow is not None and not slow.streams:
            self._client.holding = True
        if self._entry is None:
            self._plan()
        return True

    def end(self) -> None:
        """Drop all: the conversation is over."""
        self._ended = True
        self._queue.clear()
        if self._entry is not None:
            self._entry.call_off()

    def _plan(self) -> None:
        due = self._queue.next_due
        self._entry = None if due is None else self._scheduler.at(due, self._run)

    def _run(self, now: float) -> None:
        self._forward(self._queue.take(now), now)
        if not self._ended:
            slow = self._faults.slow
            self._client.holding = bool(self._queue) and slow is not None and not slow.streams
            self._plan()
