"""Gather a screen: once, or for as long as it is watched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.lake.store import Lake
from slotwise.settings import Settings
from workers.screen.background_reader import Newest
from workers.screen.facts import LakeFacts, Pace, Screen, WorkerFacts
from workers.screen.readers import BusReader, read_lake, read_workers
from workers.screen.verdict import LAKE, POLL

#: The boards are read this often, seconds: the gateway renews them as often.
BUS_S = 1.0
#: Workers and lake are asked again this long after they answered, seconds: each costs them work.
WORKERS_S, LAKE_S = 10.0, 10.0
#: Until it has a first report the lake is asked this often, seconds: it is new, with few rows, and
#: the verdict's "never reconciled" is to end where other screens show the report.
FIRST_REPORT_S = 2.0

#: Each of these queues needs a worker.
QUEUES = (POLL, LAKE)

#: The boards were read by then, or Redis did not answer, seconds.
FIRST_LOOK_S = 8.0

#: Gives the newest screen.
Look: TypeAlias = Callable[[], Screen]


def gather(config: Settings) -> Screen:
    """Look at everything once; raises BusError where the settings name no Redis."""
    bus, lake = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S), Lake(config.lake_path)
    try:
        with ThreadPoolExecutor(2) as pool:
            asked = pool.submit(read_lake, lake)
            reader = BusReader(bus)
            boards = reader.read()
            workers = None if boards.error else read_workers()
            # Asking for workers takes seconds: read again, so that all is of one time.
            boards = boards if boards.error else reader.read()
            return Screen(
                now=datetime.now(UTC),
                pace=_pace(config),
                needs_monitor=_sends(config),
                bus=boards,
                workers=workers,
                lake=asked.result(),
            )
    finally:
        bus.close()


@contextmanager
def watching(config: Settings, news: threading.Event | None = None) -> Iterator[Look]:
    """Look at everything again and again, in threads; yields what gives the newest screen.

    `news` is set whenever something was read.
    """
    bus, lake = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S), Lake(config.lake_path)
    began = datetime.now(UTC)
    boards = Newest(BusReader(bus).read, lambda _: BUS_S, "boards", news)

    def ask_workers() -> WorkerFacts:
        until = time.monotonic() + FIRST_LOOK_S
        while (known := boards.get()) is None and time.monotonic() < until:
            time.sleep(FIRST_LOOK_S / 100)
        if known is None or known.error:
            return WorkerFacts(read_at=datetime.now(UTC), error="cannot be asked without Redis")
        return read_workers()

    workers = Newest(ask_workers, _workers_pause_s, "workers", news)
    asked = Newest(partial(read_lake, lake), _lake_pause_s, "lake", news)
    everything = (boards, workers, asked)

    def look() -> Screen:
        return Screen(
            now=datetime.now(UTC),
            began=began,
            pace=_pace(config),
            # The monitor itself waits for news.
            needs_monitor=news is None and _sends(config),
            bus=boards.get(),
            workers=workers.get(),
            lake=asked.get(),
        )

    try:
        yield look
    finally:
        for one in everything:
            one.close()
        for one in everything:
            one.join()
        bus.close()


def _workers_pause_s(facts: WorkerFacts) -> float:
    """Return the pause until workers are asked again: short while one is missed."""
    queues = {queue for of in facts.queues.values() for queue in of}
    return BUS_S if facts.error or len(queues) < len(QUEUES) else WORKERS_S


def _lake_pause_s(facts: LakeFacts) -> float:
    """Return the pause until the lake is asked again: short while it lacks what is expected."""
    if facts.error:
        return BUS_S
    return LAKE_S if facts.report is not None else FIRST_REPORT_S


def _sends(config: Settings) -> bool:
    """Return True where a receiver is set for the changes of the verdict."""
    return bool(config.webhook_url or config.notify_command)


def _pace(config: Settings) -> Pace:
    return Pace(
        beat_s=config.beat_s,
        poll_s=config.poll_interval_s,
        reconcile_s=config.reconcile_interval_s,
    )
