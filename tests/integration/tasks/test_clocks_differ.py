"""Beat, lake worker and poll worker have clocks that differ by hours, and are set meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.lake.queries import queue_totals
from tasks.schedule import LAKE
from tests.chaos.storm.clocks import Clocks
from tests.integration.tasks.test_workers_share import Hall
from workers.stack.celery_argv import beat_argv, worker_argv
from workers.stack.child import stop_all, wait_until

#: Contracts of a wave: four batches.
CONTRACTS = 200
#: A wave has landed within this, seconds, also on a loaded machine: many beats of one second.
LANDED_S = 60.0
HOUR_S = 3600.0
#: Process -> by how many hours its clock is off, at first and later.
OFF: dict[str, tuple[float, ...]] = {
    "beat": (5, -240, 0),
    "lake": (-3, 4, -7),
    "poll": (7, -5, 30),
}


@pytest.fixture
def hall(tmp_path: Path, bus: Bus, redis_url: str) -> Iterator[Hall]:
    made = Hall(tmp_path, bus, redis_url, bus.prefix)
    made.lake.create()
    try:
        yield made
    finally:
        stop_all(list(made.children.values()))


@pytest.mark.timeout(300)
def test_everything_lands_in_time_whatever_each_clock_says(hall: Hall, tmp_path: Path) -> None:
    clocks = Clocks(tmp_path)
    if clocks.why_not:
        pytest.skip(clocks.why_not)
    argv = {
        "lake": worker_argv(LAKE, 1, "lake@%h"),
        "poll": worker_argv("poll", 1, "poll@%h"),
        "beat": beat_argv(),
    }
    own = dict(hall.env)
    for name in argv:
        clocks.step(name, OFF[name][0] * HOUR_S)
        hall.env = {**own, **clocks.environment(name)}
        hall.start(name, argv[name])
    done = 0
    for turn in range(len(OFF["beat"])):
        for name, hours in OFF.items():
            clocks.step(name, hours[turn] * HOUR_S)
        hall.insert(done + 1, done + CONTRACTS)
        done += CONTRACTS
        assert wait_until(partial(hall.has, done), LANDED_S), (turn, hall.succeeded())
    totals = queue_totals(hall.lake)
    assert (totals.failed, totals.closed) == (0, 0)
    assert "snapshot is" not in (tmp_path / "poll.log").read_text()
