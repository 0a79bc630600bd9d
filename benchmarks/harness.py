"""What benchmarks stand on: a Redis of their own, waiting, and the CPU time of processes."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from slotwise.bus.client import Bus
from slotwise.errors import BusError, SlotwiseError
from workers.stack.child import Child, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec

#: A Redis answers within this, seconds.
REDIS_START_S = 15.0
#: The module of a gateway's process that reads the lake.
LAKE_READER = "slotwise_start.lake_reader"
#: Look this often whether something has come, seconds.
LOOK_S = 0.01


class OwnRedis(NamedTuple):
    """Hold where it is, and its process."""

    url: str
    pid: int


@contextmanager
def own_redis(folder: Path) -> Iterator[OwnRedis]:
    """Start a Redis for the block; raises SlotwiseError."""
    port = free_port()
    redis = Child(redis_spec(port, folder))
    redis.start()
    url = f"redis://127.0.0.1:{port}/0"
    bus = Bus(url)
    try:
        if not wait_until(lambda: _answers(bus), REDIS_START_S):
            raise SlotwiseError(f"the benchmark's Redis does not answer: {redis.last_words()}")
        yield OwnRedis(url, redis.pid or 0)
    finally:
        bus.close()
        stop_all([redis])


def cpu_s(pid: int) -> float:
    """Return the CPU time that a process and its children have used, seconds.

    What a gateway starts to read the lake is left out: it ends in between, with its time.
    Linux gives it to the nanosecond by the clock of the process, psutil to a hundredth of a second.
    """
    process = psutil.Process(pid)
    children = (one for one in process.children(recursive=True) if not _reads_lake(one))
    return sum(_own_cpu_s(one) for one in (process, *children))


def _reads_lake(process: psutil.Process) -> bool:
    try:
        return LAKE_READER in process.cmdline()
    except psutil.NoSuchProcess:
        return True


def _own_cpu_s(process: psutil.Process) -> float:
    if sys.platform == "linux":
        # The id of a process's clock, as clock_getcpuclockid(3) makes it.
        return time.clock_gettime((~process.pid << 3) | 2)
    times = process.cpu_times()
    return float(times.user + times.system)


async def until(ready: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Wait until something holds; raises SlotwiseError when it does not in time."""
    end = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > end:
            raise SlotwiseError(f"not within {timeout_s:g} s: {what}")
        await asyncio.sleep(LOOK_S)


def _answers(bus: Bus) -> bool:
    try:
        bus.ping()
    except BusError:
        return False
    return True
