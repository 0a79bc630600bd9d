"""Watchdog: a worker whose event loop hangs is restarted in place, in its own process.

After Redis was killed and came back in an unlucky moment, a worker was seen to wait for good on a
subscription that had nothing to say (kombu 5.7.0 with redis 8.1.0: the file number of a closed
connection was given to a new one, was still listened to, and reading it blocks). It looked alive
and did nothing; everything else then waits for a landing that does not come.

Rules:
* The loop has to turn once in `HANGS_AFTER_S`, or in `BUSY_FOR_S` while a task is worked on: with
  the solo pool a task is worked on by the loop's own thread.
* While there is no connection there is no loop, and nothing is asked of it.
* A worker that hangs kills its pool and executes its own command again: no supervisor is needed.
* One that hangs again within `AGAIN_S` of that ends with status 70 instead.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from celery import bootsteps
from celery.worker import state

log = structlog.get_logger(__name__)

#: A loop without work turns at least this often, seconds: it has a timer of one second.
HANGS_AFTER_S = 20.0
#: Longer than any task may take, seconds; maintenance may take 270.
BUSY_FOR_S = 300.0
#: Time between two signs of life, and between two looks for one, seconds.
LOOK_S = 1.0
#: A restart in place did not help where the worker hangs again within this, seconds.
AGAIN_S = 60.0
#: Exit status of a worker that hung again.
HUNG = 70
#: Name of the environment variable with the unix time of the last restart in place.
RESTARTED_AT = "_SLOTWISE_WORKER_RESTARTED_AT"


class Watch:
    """When the loop last turned; pure, `now` is seconds of any steady clock."""

    def __init__(
        self, hangs_after_s: float = HANGS_AFTER_S, busy_for_s: float = BUSY_FOR_S
    ) -> None:
        self._hangs_after_s = hangs_after_s
        self._busy_for_s = busy_for_s
        self._turned_at: float | None = None

    def turned(self, now: float) -> None:
        """Note that the loop turns."""
        self._turned_at = now

    def rests(self) -> None:
        """Note that there is no loop for now."""
        self._turned_at = None

    def hangs(self, now: float, busy: bool) -> bool:
        """Return whether the loop has not turned for too long."""
        if self._turned_at is None:
            return False
        return now - self._turned_at > (self._busy_for_s if busy else self._hangs_after_s)


class Watchdog(bootsteps.StartStopStep):  # type: ignore[misc]  # celery ships no types: its base is Any
    """Watch the event loop of a worker from a thread beside it."""

    requires = ("celery.worker.consumer.tasks:Tasks",)
    hangs_after_s = HANGS_AFTER_S

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._watch = Watch(self.hangs_after_s)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._consumer = consumer

    def start(self, consumer: Any) -> None:
        """Begin to watch; the loop is about to turn."""
        self._watch.turned(time.monotonic())
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
            self._thread.start()

    def stop(self, consumer: Any) -> None:
        """Ask nothing of the loop while there is no connection."""
        self._watch.rests()

    def shutdown(self, consumer: Any) -> None:
        """End with the worker."""
        self._watch.rests()
        self._ended.set()

    def register_with_event_loop(self, consumer: Any, hub: Any) -> None:
        """Send a heartbeat from within the loop."""
        sign: Callable[[], None] = self._sign
        hub.call_repeatedly(LOOK_S, sign)

    def _sign(self) -> None:
        self._watch.turned(time.monotonic())

    def _run(self) -> None:
        while not self._ended.wait(LOOK_S):
            busy = bool(state.active_requests)
            if self._watch.hangs(time.monotonic(), busy):
                self._restart()

    def _restart(self) -> None:
        # The monotonic clock goes on over the restart.
        now = time.monotonic()
        if now - float(os.environ.get(RESTARTED_AT, "-inf")) < AGAIN_S:
            log.critical("the worker's event loop hangs again, ending the worker")
            os._exit(HUNG)
        log.critical("the worker's event loop hangs, restarting the worker in place")
        for pid in pool_pids(self._consumer):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os.environ[RESTARTED_AT] = str(now)
        os.execv(sys.executable, sys.orig_argv)


def pool_pids(consumer: Any) -> list[int]:
    """Return the process ids of a worker's pool; none of a pool without processes."""
    processes = getattr(getattr(consumer.pool, "_pool", None), "_pool", None)
    return [one.pid for one in processes or () if getattr(one, "pid", None)]
