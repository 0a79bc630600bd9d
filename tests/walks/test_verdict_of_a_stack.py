"""The verdict of a real stack on its processes, its lake and its Redis: named in time, and left."""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Iterator

import pytest

from tests.support.verdict_bounds import bound_of
from tests.walks.watched_stack import BEAT_S, POLL_S, START_S, Watched, watched_stack
from workers.stack.child import Child, wait_until

#: A test has this long on a machine that does much else, seconds.
TIMEOUT_S = 600
#: A process ends within this, seconds.
STOPS_S = 30.0
#: A setting of Redis that leaves no room for anything.
FULL = ("maxmemory", "1mb")

pytestmark = pytest.mark.timeout(TIMEOUT_S)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched_stack(
        tmp_path_factory.mktemp("verdict"), positions=40, without=frozenset({"flower"})
    ) as found:
        yield found


@pytest.fixture(autouse=True)
def _well(watched: Watched) -> None:
    """Begin where all is well."""
    watched.begin()
    for one in watched.stack.children.children:
        if one.pid is None:
            # Stopped by a test that failed.
            one.start()
    watched.is_well()
    watched.begin()


def child(watched: Watched, name: str) -> Child:
    return next(one for one in watched.stack.children.children if one.spec.name == name)


def stop(watched: Watched, *names: str) -> None:
    """Stop processes; a verdict may come before the last of them has ended."""
    watched.begin()
    for name in names:
        child(watched, name).ask_to_stop()
    assert wait_until(lambda: all(child(watched, name).pid is None for name in names), STOPS_S)
    watched.measure()


def start(watched: Watched, *names: str) -> None:
    watched.begin()
    for name in names:
        child(watched, name).start()


def test_workers_that_are_away_are_named_and_left(watched: Watched) -> None:
    """Without a lake worker nothing lands: it is named first, the poll worker once it is back."""
    stop(watched, "poll worker", "lake worker")
    watched.becomes("lake_worker_away")
    start(watched, "lake worker")
    watched.becomes("poll_workers_away", more_s=START_S)
    start(watched, "poll worker")
    watched.leaves("poll_workers_away", more_s=START_S)


def test_beat_that_is_away_is_named_and_left(watched: Watched) -> None:
    stop(watched, "beat")
    watched.becomes("beat_away")
    start(watched, "beat")
    watched.leaves("beat_away", more_s=START_S)


def test_gateway_that_is_away_is_named_and_left(watched: Watched) -> None:
    stop(watched, "gateway")
    watched.becomes("gateway_away")
    start(watched, "gateway")
    watched.leaves("gateway_away", more_s=START_S)


def test_tws_that_is_off_is_named_and_left(watched: Watched) -> None:
    stop(watched, "simulator")
    assert "127.0.0.1" in watched.becomes("tws_unreachable")["sentence"]
    start(watched, "simulator")
    watched.leaves("tws_unreachable", more_s=START_S)


def test_lake_that_is_away_is_named_and_left(watched: Watched) -> None:
    lake = watched.stack.lake
    shutil.move(lake, lake.with_name("elsewhere"))
    try:
        watched.becomes("lake_trouble")
        assert watched.status() == (1, "lake_trouble")
    finally:
        watched.begin()
        shutil.rmtree(lake, ignore_errors=True)
        shutil.move(lake.with_name("elsewhere"), lake)
    watched.leaves("lake_trouble")


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit of another process is Linux's")
def test_lake_that_is_full_is_named_and_left(watched: Watched) -> None:
    """The lake worker can write no file any more, as on a disk that is full."""
    pid = child(watched, "lake worker").pid
    assert pid is not None
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    try:
        named = watched.becomes("lake_trouble")
        assert "takes no rows" in named["sentence"]
    finally:
        watched.begin()
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    watched.leaves("lake_trouble")


def test_redis_out_of_memory_is_named_and_left(watched: Watched) -> None:
    watched.stack.bus.redis.config_set(*FULL)
    assert "out of memory" in watched.becomes("redis_memory")["sentence"]
    watched.begin()
    watched.stack.bus.redis.config_set("maxmemory", "0")
    watched.leaves("redis_memory")


def test_redis_that_turned_into_a_replica_is_named_and_left(watched: Watched) -> None:
    watched.stack.bus.redis.execute_command("REPLICAOF", "127.0.0.1", "1")
    watched.becomes("redis_replica")
    assert watched.status() == (1, "redis_replica")
    watched.begin()
    watched.stack.bus.redis.execute_command("REPLICAOF", "NO", "ONE")
    watched.leaves("redis_replica")


def test_redis_that_is_away_is_named_and_left(watched: Watched) -> None:
    stop(watched, "redis")
    watched.becomes("redis_away")
    assert watched.status() == (2, "redis_away")
    start(watched, "redis")
    watched.leaves("redis_away", more_s=START_S)
    watched.is_well(within_s=bound_of("lake_worker_away").within_s(POLL_S, BEAT_S) + START_S)
