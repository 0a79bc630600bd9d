"""Who works, and with which share of the tasks: asked of the workers when a page wants to know.

Rules:
* They are asked once for all pages, and no more often than each `KEPT_S`: the answer of each takes
  a worker's time between two tasks.
* A share is of the tasks of all workers of the same queues, since each of them started.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from slotwise.printable import printable

#: An answer is given to all pages for this time, seconds.
KEPT_S = 15.0


class WorkerShare(msgspec.Struct, frozen=True, kw_only=True):
    """One worker: its queues, its tasks, and its share of those of its kind, in percent."""

    name: str
    queues: str
    tasks: int
    share: int | None


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    """All workers that answer, and where Flower is; an empty address is not known."""

    workers: tuple[WorkerShare, ...]
    flower: str


class WorkersReader:
    """Asks workers, in a thread."""

    def __init__(self, flower: str) -> None:
        self._flower = flower
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="workers")
        self._known: Workers | None = None
        self._known_at = float("-inf")
        self._asking: asyncio.Future[Workers] | None = None

    async def get(self) -> Workers:
        """Return all workers that answer; raises BusError where none can be asked."""
        if self._known is not None and time.monotonic() - self._known_at < KEPT_S:
            return self._known
        if self._asking is None:
            self._asking = asyncio.get_running_loop().run_in_executor(self._pool, self._ask)
            self._asking.add_done_callback(self._on_asked)
        return await asyncio.shield(self._asking)

    def close(self) -> None:
        """Ask no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _on_asked(self, asking: asyncio.Future[Workers]) -> None:
        self._asking = None
        if not asking.cancelled() and asking.exception() is None:
            self._known, self._known_at = asking.result(), time.monotonic()

    def _ask(self) -> Workers:
        # Celery's libraries, for the pages that need them alone.
        from tasks.inspect_workers import inspect_tasks, inspect_workers

        return Workers(workers=shares_of(inspect_workers(), inspect_tasks()), flower=self._flower)


def shares_of(
    queues: Mapping[str, Sequence[str]], tasks: Mapping[str, int]
) -> tuple[WorkerShare, ...]:
    """Return each worker with its share, in the order of queues and names."""
    kinds = {name: ", ".join(sorted(of)) for name, of in queues.items()}
    sums: dict[str, int] = {}
    for name, kind in kinds.items():
        sums[kind] = sums.get(kind, 0) + tasks.get(name, 0)
    return tuple(
        WorkerShare(
            name=printable(name),
            queues=printable(kind),
            tasks=tasks.get(name, 0),
            share=round(100 * tasks.get(name, 0) / sums[kind]) if sums[kind] else None,
        )
        for name, kind in sorted(kinds.items(), key=lambda one: (one[1], one[0]))
    )
