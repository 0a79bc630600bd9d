"""A worker whose loop hangs does not stay; one that works, or has no connection, does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tasks.celery_setup.watchdog import BUSY_FOR_S, HANGS_AFTER_S, HUNG, Watch

#: A worker has started and ended itself within this, seconds, also on a loaded machine.
ENDED_S = 50.0


@given(st.floats(0, 1000), st.booleans())
def test_a_loop_hangs_when_it_has_not_turned_for_too_long(silent_s: float, busy: bool) -> None:
    watch = Watch()
    watch.turned(0.0)
    assert watch.hangs(silent_s, busy) == (silent_s > (BUSY_FOR_S if busy else HANGS_AFTER_S))
    watch.turned(silent_s)
    assert not watch.hangs(silent_s, busy)


def test_nothing_is_asked_of_a_loop_that_is_not_there() -> None:
    watch = Watch()
    assert not watch.hangs(1e9, busy=False)
    watch.turned(0.0)
    watch.rests()
    assert not watch.hangs(1e9, busy=False)


def test_worker_that_hangs_restarts_in_place_and_ends_when_it_hangs_again(
    redis_url: str, key_prefix: str, tmp_path: Path
) -> None:
    env = {
        **os.environ,
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
    }
    command = [sys.executable, "-m", "celery", "-A", "tests.support.hanging_app", "worker"]
    options = ["--pool", "solo", "-Q", "lake", "--without-mingle", "--without-gossip"]
    ended = subprocess.run(
        [*command, *options], env=env, capture_output=True, text=True, timeout=ENDED_S, check=False
    )
    assert ended.returncode == HUNG, ended.stderr[-2000:]
    output = ended.stdout + ended.stderr
    assert output.count("restarting the worker in place") == 1
    assert output.count("event loop hangs again, ending the worker") == 1
