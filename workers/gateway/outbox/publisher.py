"""Publisher: the one way from the gateway to Redis.

A thread works off jobs in order, so that the event loop never waits for Redis. A job that
meets BusError is tried again until it succeeds, whatever comes after it waits. Jobs under a
`slot` are news that the next ones replace; the others are kept, up to a bound.

A job is a sequence of steps. Each step is done once: a job that is tried again goes on at the
step that failed.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

import structlog

from slotwise.errors import BusError

log = structlog.get_logger(__name__)

Step: TypeAlias = Callable[[], object]
#: Jobs kept while Redis is away: changes of boards; rows wait in the spool.
MAX_JOBS = 10_000
#: Wait between tries, seconds: from the first to the longest.
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 2.0
#: At the end, what still waits is given this long, seconds.
CLOSE_TIMEOUT_S = 5.0


class _Job:
    __slots__ = ("slot", "steps")

    def __init__(self, slot: str | None, steps: Sequence[Step]) -> None:
        self.slot = slot
        self.steps = deque(steps)


class Publisher:
    """Work off jobs in a thread."""

    def __init__(self) -> None:
        #: Jobs lost so far, each a change of a board, which the next poll repeats.
        self.lost = 0
        #: Called at each failure of Redis, in the publisher's thread.
        self.on_failure: Callable[[BusError], None] = lambda error: None
        self._lost_logged = 0
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def send(self, *steps: Step, slot: str | None = None) -> None:
        """Put a job at the end; one of the same slot that has not begun is dropped.

        Beyond the bound the oldest job is lost, and counted.
        """
        with self._changed:
            if slot is not None:
                self._jobs = deque(job for job in self._jobs if job.slot != slot)
            self._jobs.append(_Job(slot, steps))
            if len(self._jobs) > MAX_JOBS:
                self._jobs.popleft()
                self.lost += 1
            self._changed.notify()

    def waiting(self) -> int:
        """Count the jobs that have not begun."""
        return len(self._jobs)

    def close(self) -> None:
        """Work off what waits, for a while, and end the thread."""
        self._closing.set()
        with self._changed:
            self._changed.notify()
        self._thread.join(CLOSE_TIMEOUT_S)
        self._log_lost()
        if self._thread.is_alive() or self._jobs:
            log.warning("redis is away, not everything was sent", jobs=len(self._jobs))

    def _log_lost(self) -> None:
        # Once an outage: when what waited is worked off, or at the end.
        lost, self._lost_logged = self.lost - self._lost_logged, self.lost
        if lost:
            log.error(
                "redis was away too long, the oldest updates were dropped",
                jobs=lost,
                meaning="the next poll brings the positions as they are now",
            )

    def _run(self) -> None:
        while (job := self._next()) is not None:
            self._do(job)

    def _next(self) -> _Job | None:
        with self._changed:
            while not self._jobs:
                self._log_lost()
                if self._closing.is_set():
                    return None
                self._changed.wait()
            return self._jobs.popleft()

    def _do(self, job: _Job) -> None:
        wait_s = FIRST_WAIT_S
        while job.steps:
            try:
                job.steps[0]()
            except BusError as error:
                if wait_s == FIRST_WAIT_S:
                    log.warning("redis is away", reason=str(error), jobs=len(self._jobs))
                self.on_failure(error)
                if self._closing.is_set() and wait_s > 1:
                    return
                self._closing.wait(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
                continue
            except Exception:
                # A job that cannot be done must not stop those behind it.
                log.exception("publishing failed")
                return
            job.steps.popleft()
            wait_s = FIRST_WAIT_S
