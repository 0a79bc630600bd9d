"""The verdict of a real stack on what is there and does nothing, each named in time and left.

Processes that hang, disks that are full, and a monitor that is missed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.effort import with_effort
from tests.support.verdict_bounds import bound_of
from tests.walks.watched_stack import BEAT_S, POLL_S, START_S, Watched, watched_stack
from workers.stack.child import wait_until

#: A test has this long on a machine that does much else, seconds.
TIMEOUT_S = 600
#: A process ends within this, seconds.
STOPS_S = 30.0
#: Sizes of the disks of the lake and of the spool, megabytes: the spool's journal takes 4 of them.
LAKE_MB, SPOOL_MB = 64, 24
FILLING = "filling"

pytestmark = [pytest.mark.timeout(TIMEOUT_S), with_effort]


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount a small disk of memory at a folder; yields False where this user may not."""
    folder.mkdir(parents=True)
    size = f"size={megabytes}m"
    mount = ["mount", "-t", "tmpfs", "-o", size, "slotwise-test", str(folder)]
    may = sys.platform == "linux" and shutil.which("mount") is not None
    mounted = may and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder: Path) -> None:
    """Write until the disk is full."""
    with (folder / FILLING).open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Run a stack whose lake and spool have disks of their own, where this user may mount them."""
    folder = tmp_path_factory.mktemp("hangs")
    spool = folder / "spool"
    with (
        small_disk(folder / "lake", LAKE_MB),
        small_disk(spool, SPOOL_MB),
        watched_stack(
            folder,
            positions=40,
            more_env={"SLOTWISE_SPOOL": str(spool)},
            without=frozenset({"flower"}),
        ) as found,
    ):
        yield found


@pytest.fixture(autouse=True)
def _well(watched: Watched) -> None:
    """Begin where all is well."""
    watched.begin()
    watched.is_well()
    watched.begin()


@contextmanager
def frozen(watched: Watched, name: str) -> Iterator[None]:
    """Stop a process and its children, as a machine that swaps does; go on at the end."""
    [child] = [one for one in watched.stack.children.children if one.spec.name == name]
    assert child.pid is not None
    group = os.getpgid(child.pid)
    os.killpg(group, signal.SIGSTOP)
    watched.begin()
    try:
        yield
    finally:
        watched.begin()
        os.killpg(group, signal.SIGCONT)


@pytest.mark.parametrize(
    ("name", "state", "status"),
    [
        ("redis", "redis_away", 2),
        ("gateway", "gateway_away", 1),
        ("beat", "beat_away", 1),
        ("lake worker", "lake_worker_away", 1),
        ("poll worker", "poll_workers_away", 1),
    ],
)
def test_process_that_hangs_is_named_and_left(
    watched: Watched, name: str, state: str, status: int
) -> None:
    with frozen(watched, name):
        watched.becomes(state)
        assert watched.status()[0] == status
    # A worker that hung for long starts again in place.
    watched.leaves(state, more_s=START_S)


def test_monitor_that_is_away_is_missed_where_alerts_have_a_receiver(watched: Watched) -> None:
    """Status and top look themselves; nothing else would show that nothing is sent."""
    [monitor] = [one for one in watched.stack.children.children if one.spec.name == "monitor"]
    assert watched.status()[0] == 0
    monitor.ask_to_stop()
    assert wait_until(lambda: monitor.pid is None, STOPS_S)
    within_s = bound_of("monitor_away").within_s(POLL_S, BEAT_S)
    assert wait_until(lambda: watched.status() == (1, "monitor_away"), within_s + STOPS_S)
    watched.begin()
    monitor.start()
    assert wait_until(lambda: watched.status()[0] == 0, STOPS_S)


def test_disk_of_the_spool_that_is_full_is_named_and_left(watched: Watched) -> None:
    spool = Path(watched.stack.env["SLOTWISE_SPOOL"])
    if not spool.is_mount():
        pytest.skip("no disk can be mounted by this user")
    fill(spool)
    try:
        # It is met by the next entry that is kept.
        named = watched.becomes("spool_in_memory", more_s=POLL_S)
        assert "full" in named["sentence"]
    finally:
        watched.begin()
        (spool / FILLING).unlink()
    watched.leaves("spool_in_memory", more_s=POLL_S)


def test_disk_of_the_lake_that_is_full_is_named_and_left(watched: Watched) -> None:
    lake = watched.stack.lake
    if not lake.is_mount():
        pytest.skip("no disk can be mounted by this user")
    watched.begin()
    fill(lake)
    watched.measure()
    try:
        named = watched.becomes("lake_trouble", more_s=POLL_S)
        assert "takes no rows" in named["sentence"]
        assert "free its disk" in named["advice"]
    finally:
        watched.begin()
        (lake / FILLING).unlink()
    watched.leaves("lake_trouble", more_s=POLL_S)
