"""A signal that comes while a destructor runs ends beat and Flower all the same."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tasks.celery_setup.ending import ENDS_S, FLOWER_ENDS_S
from tests.support.slowness import Slowness
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

#: A process has started within this, seconds, also on a loaded machine.
START_S = 60.0
#: A signal is taken and a process is gone within this, besides the time that its own steps have:
#: seconds, ten times as long as on an idle machine.
TAKEN_S = 4.0
#: What the log says of each process once it runs.
RUNNING_TEXTS = {"beat": "Scheduler: Sending due task", "flower": "Connected to "}
#: How long the own steps of each have, seconds.
OWN_STEPS_S = {"beat": ENDS_S, "flower": FLOWER_ENDS_S}
#: What is waited for is looked at again after this, seconds.
LOOK_S = 1.0


def started(
    redis_url: str, key_prefix: str, folder: Path, name: str, number: signal.Signals
) -> Child:
    """Start a process that gets the signal within a destructor, and wait until it runs."""
    argv = (sys.executable, "-m", "tests.support.dropped_signal", name, number.name)
    env = {
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": str(folder / "lake"),
        "SLOTWISE_BEAT_S": "1",
        "FLOWER_BASIC_AUTH": "trader:secret",
    }
    log = folder / "log"
    child = Child(ChildSpec(name=name, argv=(*argv, str(free_port())), env=env, log=log))
    child.start()
    assert wait_until(lambda: RUNNING_TEXTS[name] in log.read_text(), START_S), log.read_text()
    return child


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", ["beat", "flower"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_within_a_destructor_ends_a_process(
    redis_url: str, key_prefix: str, tmp_path: Path, name: str, number: signal.Signals
) -> None:
    child = started(redis_url, key_prefix, tmp_path, name, number)
    pid, log = child.pid, tmp_path / "log"
    assert pid is not None
    try:
        slowness = Slowness(lambda: [pid])
        os.kill(pid, signal.SIGUSR1)
        began = time.monotonic()
        while not wait_until(lambda: child.exit_status is not None, LOOK_S):
            most_s = (OWN_STEPS_S[name] + TAKEN_S) * slowness.factor()
            assert time.monotonic() - began < most_s, log.read_text()[-2000:]
    finally:
        stop_all([child])
    written = log.read_text()
    # Beat's handler raises nothing that could be dropped.
    was_dropped = name == "flower"
    assert ("Exception ignored in" in written) is was_dropped
    assert ("Destroyed.__del__" in written) is was_dropped
    assert ("process ends at once: its own steps did not end it" in written) is was_dropped
    assert child.exit_status == 0


@pytest.mark.timeout(180)
def test_flower_that_was_started_in_the_background_goes_on_after_an_interrupt(
    redis_url: str, key_prefix: str, tmp_path: Path
) -> None:
    """A shell has it ignore SIGINT: Ctrl-C is for another process."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = started(redis_url, key_prefix, tmp_path, "flower", signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        assert child.pid is not None
        os.kill(child.pid, signal.SIGINT)
        # Nothing may happen in this time, so it is waited for in full.
        assert not wait_until(lambda: child.exit_status is not None, FLOWER_ENDS_S + 1)
    finally:
        stop_all([child])
