"""Celery workers on a queue of the benchmark's own, and what they use."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.baselines.celery_queue import CeleryQueue
from benchmarks.child_process import Asked
from benchmarks.harness import cpu_s
from slotwise.errors import SlotwiseError
from workers.stack.child import Child, ChildSpec, stop_all, wait_until

#: Everything that was sent is done within this, seconds.
DONE_S = 120.0
#: Look this often whether anything is left, seconds.
LOOK_S = 0.005
#: A worker answers within this of its start, seconds.
START_S = 60.0
#: The machine in the workers' names.
HOST = "bench"


class Spent(NamedTuple):
    """Hold what a number of tasks took."""

    seconds: float
    worker_cpu_s: float
    publisher_cpu_s: float


class CeleryStand:
    """Send tasks to workers that are held still, then let them go."""

    def __init__(self, queue: CeleryQueue, publisher: Asked, pids: Sequence[int]) -> None:
        self._queue, self._publisher, self._pids = queue, publisher, tuple(pids)

    def do(self, task: str, args: Sequence[object], count: int) -> Spent:
        """Run a task `count` times on the workers."""
        return self.do_each(task, [args] * count, lambda: not self._queue.left())

    def do_each(
        self, task: str, each: Sequence[Sequence[object]], is_done: Callable[[], bool]
    ) -> Spent:
        """Run a task on the workers for each list of arguments, until all is done."""
        _signal(self._pids, signal.SIGSTOP)
        try:
            sent = self._publisher.ask(task=task, each=[list(args) for args in each])
        finally:
            before, began = sum(map(cpu_s, self._pids)), time.monotonic()
            _signal(self._pids, signal.SIGCONT)
        if not wait_until(is_done, DONE_S, step_s=LOOK_S):
            raise SlotwiseError(f"{self._queue.left()} of {len(each)} tasks were left undone")
        took = time.monotonic() - began
        return Spent(took, sum(map(cpu_s, self._pids)) - before, float(sent["cpu_s"]))

    def pids(self) -> frozenset[int]:
        """Return the processes of the workers, with those of their pools."""
        found = (psutil.Process(pid) for pid in self._pids)
        return frozenset(c.pid for one in found for c in (one, *one.children(recursive=True)))

    def main_pids(self) -> tuple[int, ...]:
        """Return the workers' own processes, without those of their pools."""
        return self._pids

    def switches(self) -> int:
        """Count how often the system took a processor from one of all these processes."""
        return sum(psutil.Process(pid).num_ctx_switches().involuntary for pid in self.pids())

    def joined(self, other: CeleryStand) -> CeleryStand:
        """Return both groups as one; they have one queue."""
        return CeleryStand(self._queue, self._publisher, (*self._pids, *other._pids))


@contextmanager
def celery_stand(
    folder: Path,
    url: str,
    module: str,
    options: Sequence[str],
    names: Sequence[str],
    env: Mapping[str, str],
    queue: tuple[str, str],
) -> Iterator[CeleryStand]:
    """Start workers of an app, wait until each answers, and stop them all.

    `queue` is the prefix of Celery's keys and the queue's name. Raises SlotwiseError.
    """  # fmt: skip
    argv = (sys.executable, "-m", "celery", "-A", module, "worker", "-Q", queue[1])
    full = {"REDIS_URL": url, "SLOTWISE_REDIS_URL": url, **env}
    children = [
        Child(
            ChildSpec(
                name=name, argv=(*argv, "-n", f"{name}@{HOST}", "--loglevel", "WARNING", *options),
                env=full, log=folder / "logs" / f"{name}.log",
            )
        )
        for name in names
    ]  # fmt: skip
    left = CeleryQueue(url, *queue)
    log = folder / "logs" / "publisher.log"
    try:
        with Asked(log, "benchmarks.baselines.celery_publisher", module, env=full) as publisher:
            for child in children:
                child.start()
            for child in children:
                name = f"{child.spec.name}@{HOST}"

                def there(name: str = name) -> bool:
                    return bool(publisher.ask(ping=name)["there"])

                if not wait_until(there, START_S):
                    raise SlotwiseError(f"{name} does not answer: {child.last_words()}")
            yield CeleryStand(left, publisher, [child.pid for child in children if child.pid])
    finally:
        left.close()
        stop_all(children)


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            one.send_signal(number)
