"""Poll workers are away: what waits, waits, and nothing piles up in Redis; then all of it lands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slotwise.bus.backlog import Backlog
from slotwise.bus.client import Bus
from slotwise.lake.queries import queue_totals
from tasks.schedule import LAKE, POLL
from tests.integration.tasks.test_workers_share import Hall
from workers.stack.celery_argv import beat_argv, worker_argv
from workers.stack.child import stop_all, wait_until

#: Contracts that wait: four batches.
CONTRACTS = 200
#: Number of leases, each of three seconds, for which the workers are away.
LEASES = 5
#: Batches and one message of each periodic task of the poll workers.
MOST_MESSAGES = 4 + 3


@pytest.fixture
def hall(tmp_path: Path, bus: Bus, redis_url: str) -> Iterator[Hall]:
    made = Hall(tmp_path, bus, redis_url, bus.prefix)
    made.env["SLOTWISE_LEASE_S"] = "3"
    made.lake.create()
    try:
        yield made
    finally:
        stop_all(list(made.children.values()))


def test_no_poll_worker_is_there_for_a_while(hall: Hall) -> None:
    backlog = Backlog(hall.bus)
    hall.start("lake", worker_argv(LAKE, 1, "lake@%h"))
    hall.start("beat", beat_argv())
    hall.insert(1, CONTRACTS)
    assert wait_until(lambda: backlog.length(POLL) >= 4, 60)
    longest, until = 0, time.monotonic() + LEASES * 3.0
    while time.monotonic() < until:
        longest = max(longest, backlog.length(POLL))
        time.sleep(0.1)
    assert longest <= MOST_MESSAGES
    assert queue_totals(hall.lake).failed == 0
    # It lives on a snapshot, which has grown old meanwhile.
    hall.insert(1, CONTRACTS)
    hall.start_worker("poll")
    assert wait_until(lambda: hall.succeeded() == CONTRACTS, 60)
    totals = queue_totals(hall.lake)
    assert (totals.failed, totals.closed) == (0, 0)
    assert wait_until(lambda: backlog.length(POLL) == 0, 30)


def test_no_lake_worker_is_there_for_a_while(hall: Hall) -> None:
    backlog = Backlog(hall.bus)
    hall.start("beat", beat_argv())
    assert wait_until(lambda: backlog.length(LAKE) > 0, 60)
    longest, until = 0, time.monotonic() + 8.0
    while time.monotonic() < until:
        longest = max(longest, backlog.length(LAKE))
        time.sleep(0.1)
    assert longest <= 2, "one dispatch and one landing"
    hall.insert(1, CONTRACTS)
    hall.start("lake", worker_argv(LAKE, 1, "lake@%h"))
    hall.start_worker("poll")
    assert wait_until(lambda: hall.succeeded() == CONTRACTS, 60)
