"""A signal that comes while a destructor runs ends beat and Flower all the same."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tasks.celery_setup.ending import ENDS_S
from tests.support.slowness import Slowness
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

#: A process has started within this, seconds, also on a loaded machine.
START_S = 60.0
#: What the end takes besides the time that the process's own steps have, seconds.
END_TOO_S = 4.0
#: What the log says of each process once it runs.
RUNS = {"beat": "Scheduler: Sending due task", "flower": "Connected to "}
#: What is waited for is looked at again after this, seconds.
LOOK_S = 1.0


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", ["beat", "flower"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_within_a_destructor_ends_a_process(
    redis_url: str, key_prefix: str, tmp_path: Path, name: str, number: signal.Signals
) -> None:
    log = tmp_path / "log"
    argv = (sys.executable, "-m", "tests.support.dropped_signal", name, number.name)
    env = {
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
        "SLOTWISE_BEAT_S": "1",
        "FLOWER_BASIC_AUTH": "trader:secret",
    }
    child = Child(ChildSpec(name=name, argv=(*argv, str(free_port())), env=env, log=log))
    child.start()
    try:
        assert wait_until(lambda: RUNS[name] in log.read_text(), START_S), log.read_text()
        assert child.pid is not None
        pid = child.pid
        slowness = Slowness(lambda: [pid])
        os.kill(pid, signal.SIGUSR1)
        began = time.monotonic()
        while not wait_until(lambda: child.exit_status is not None, LOOK_S):
            most_s = (ENDS_S + END_TOO_S) * slowness.factor()
            assert time.monotonic() - began < most_s, log.read_text()[-2000:]
    finally:
        stop_all([child])
    written = log.read_text()
    assert "Exception ignored in" in written
    assert "Destroyed.__del__" in written
    assert "process ends at once: its own steps did not end it" in written
    assert child.exit_status == 0
