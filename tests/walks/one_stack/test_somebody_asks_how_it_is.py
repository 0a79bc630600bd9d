"""A newcomer asks doctor and status: all is well where all runs; a missing Redis is named."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.support.command_process import run_command
from tests.walks.running_stack import RunningStack
from workers.stack.child import wait_until
from workers.stack.ports import free_port


def test_the_doctor_finds_a_running_stack_well(stack: RunningStack) -> None:
    def well() -> bool:
        return stack.slotwise("doctor").returncode == 0

    stack.eventually(well, 60, "the doctor is content")
    checks = json.loads(stack.slotwise("doctor", "--json").stdout)
    assert {one["name"] for one in checks} >= {
        "versions", "redis", "clock", "gateway", "TWS", "lines", "poll workers", "lake worker",
        "landing", "lake",
    }  # fmt: skip


def test_the_status_of_a_running_stack_is_well(stack: RunningStack) -> None:
    """Exit status 0, each line is named with its contract, and the connection has a history."""

    answers = []

    def well() -> bool:
        answers.append(stack.slotwise("status"))
        return answers[-1].returncode == 0

    assert wait_until(well, 90, step_s=0.2), answers[-1].stdout + answers[-1].stderr
    reported = json.loads(stack.slotwise("status", "--json").stdout)
    assert {one["verdict"] for one in reported["checks"]} <= {"ok", "warn"}
    assert reported["lines"]["held"] == len(reported["contracts"])
    assert [change["state"] for change in reported["connection"]["history"]][-1] == "ready"
    assert reported["workers"]
    assert reported["landings"]["newest_first"]


def test_the_doctor_says_that_redis_is_missing(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
    }
    answer = run_command("doctor", env=env)
    assert answer.returncode == 2
    assert "start Redis" in " ".join(answer.stdout.split())
    assert "Traceback" not in answer.stderr
