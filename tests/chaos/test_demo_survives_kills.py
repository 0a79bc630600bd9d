"""The demo keeps its promises while each of its processes is killed once."""

from __future__ import annotations

import signal
import subprocess
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil

from tests.chaos.demo_process import (
    BEGINNING_S,
    active_legs,
    assert_landed_exactly_once,
    assert_ledger_says,
    child_of,
    interrupt,
    left_behind,
    start_demo,
    streams_held,
    wait_until_landed,
)
from workers.stack.child import wait_until

#: Words of the command line by which the children differ.
KINDS = {
    "redis": "valkey-server",
    "simulator": "simulator",
    "gateway": "gateway",
    "monitor": "monitor",
    "poll worker": "poll",
    "lake worker": "lake",
    "beat": "beat",
    "web": "web",
    "flower": "flower",
}
#: What was killed is started again within this, seconds.
AGAIN_S = 30.0


def test_each_child_killed_once_and_every_promise_still_holds(tmp_path: Path) -> None:
    """kill -9 of each process of the demo, one after another.

    Ctrl-C then prints the result, and leaves no process.
    """
    demo = start_demo(tmp_path, "--positions", "200", "--active", "20")
    try:
        wait_until_landed(tmp_path, 180)
        for kind, word in KINDS.items():
            victim = running(demo, kind, word)
            victim.send_signal(signal.SIGKILL)
            assert wait_until(partial(is_another, demo, word, victim.pid), AGAIN_S), kind
        for kind, word in KINDS.items():
            running(demo, kind, word)
        wait_until_landed(tmp_path, 180, since=datetime.now(UTC).isoformat())
        assert wait_until(lambda: streams_held(tmp_path, 100) == 20, AGAIN_S, step_s=0.5)
        result = interrupt(demo)
    finally:
        demo.kill()
        demo.wait()

    assert all(result["restarts"][kind] >= 1 for kind in KINDS), result["restarts"]
    assert result["positions"] == 200
    assert result["lines"]["held"] == 20
    assert result["reconciliation"] == {"matched": 200, "breaks": 0, "status": "matched"}
    active = active_legs(Path(result["lake"]))
    assert len(active) == 20
    assert_ledger_says(Path(result["ledger"]), active=active, limit=100)
    assert_landed_exactly_once(tmp_path / "lake", result["queue"])
    assert left_behind(tmp_path) == []


def test_a_demo_that_is_killed_itself_leaves_no_process(tmp_path: Path) -> None:
    """kill -9 of the demo: Linux signals its children, and they end."""
    demo = start_demo(tmp_path, "--positions", "20", "--active", "4")
    try:
        assert wait_until(lambda: child_of(demo, "flower") is not None, BEGINNING_S)
        time.sleep(2)
    finally:
        demo.kill()
        demo.communicate()
    assert wait_until(lambda: left_behind(tmp_path) == [], 20, step_s=0.5), left_behind(tmp_path)


def is_another(demo: subprocess.Popen[str], word: str, killed: int) -> bool:
    """Return True where a child of this kind runs that is not the one that was killed."""
    child = child_of(demo, word)
    return child is not None and child.pid != killed


def running(demo: subprocess.Popen[str], kind: str, word: str) -> psutil.Process:
    """Wait for a child of this kind, and give it."""
    assert wait_until(lambda: child_of(demo, word) is not None, AGAIN_S), f"{kind} is not running"
    child = child_of(demo, word)
    assert child is not None, f"{kind} has just ended"
    return child
