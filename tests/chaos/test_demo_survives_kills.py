"""The demo keeps its promises while each of its processes is killed once."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tests.chaos.demo_process import (
    assert_landed_exactly_once,
    assert_ledger_says,
    child_of,
    landed,
    left_behind,
    start_demo,
)
from workers.stack.child import wait_until

#: Words of the command line that tell the children apart.
KINDS = {
    "redis": "valkey-server",
    "simulator": "simulator",
    "gateway": "gateway",
    "poll worker": "poll@",
    "lake worker": "lake@",
    "beat": "beat",
    "flower": "flower",
}
#: Seconds from the start until everything has started and landed once, and between two kills.
WARM_UP_S = 15.0
BETWEEN_S = 3.0
SECONDS = 55


@pytest.mark.timeout(180)
def test_each_child_killed_once_and_every_promise_still_holds(tmp_path: Path) -> None:
    """kill -9 of Redis, simulator, gateway, both workers, beat and Flower, one after another."""
    demo = start_demo(tmp_path, "--seconds", str(SECONDS), "--positions", "200", "--active", "20")
    try:
        time.sleep(WARM_UP_S)
        for kind, word in KINDS.items():
            victim = child_of(demo, word)
            assert victim is not None, f"{kind} is not running"
            victim.send_signal(signal.SIGKILL)
            time.sleep(BETWEEN_S)
        out, errors = demo.communicate(timeout=120)
    finally:
        demo.kill()
        demo.wait()

    result = json.loads(out.splitlines()[-1])
    assert demo.returncode == 0, (result["broken"], errors)
    assert all(result["restarts"][kind] >= 1 for kind in KINDS), result["restarts"]
    assert result["positions"] == 200
    assert result["lines"]["held"] == 20
    assert result["reconciliation"] == {"matched": 200, "breaks": 0, "status": "matched"}
    assert_ledger_says(Path(result["ledger"]), streams=20, limit=100)
    assert_landed_exactly_once(tmp_path / "lake", result["queue"])
    assert left_behind(tmp_path) == []


@pytest.mark.timeout(60)
def test_a_demo_that_is_killed_itself_leaves_no_process(tmp_path: Path) -> None:
    """kill -9 of the demo: Linux tells its children, and they end."""
    demo = start_demo(tmp_path, "--positions", "20", "--active", "4")
    try:
        assert wait_until(lambda: child_of(demo, "flower") is not None, 20)
        time.sleep(2)
    finally:
        demo.kill()
        demo.communicate()
    assert wait_until(lambda: left_behind(tmp_path) == [], 20, step_s=0.5), left_behind(tmp_path)


@pytest.mark.timeout(120)
def test_a_demo_that_is_interrupted_ends_cleanly(tmp_path: Path) -> None:
    """Ctrl-C: the result is printed and no process is left."""
    demo = start_demo(tmp_path, "--positions", "40", "--active", "8")
    try:
        assert wait_until(lambda: landed(tmp_path / "lake") >= 32, 60, step_s=0.5)
        demo.send_signal(signal.SIGINT)
        out, errors = demo.communicate(timeout=40)
    finally:
        demo.kill()
        demo.wait()
    result = json.loads(out.splitlines()[-1])
    assert demo.returncode == 0, (result["broken"], errors)
    assert result["lines"]["held"] == 8
    assert left_behind(tmp_path) == []
