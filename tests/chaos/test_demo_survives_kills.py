"""The demo keeps its promises while each of its processes is killed once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.walks.running_stack import ask_duckdb

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


def demo(folder: Path, *args: str) -> subprocess.Popen[str]:
    """Start a demo with its lake in a folder of the test's own."""
    env = {key: value for key, value in os.environ.items() if key != "REDIS_URL"}
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "workers.cli",
            "demo",
            "--json",
            "--lake",
            str(folder / "lake"),
            *args,
        ],
        env={**env, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def child_of(demo_process: subprocess.Popen[str], word: str) -> psutil.Process | None:
    """Find the direct child whose command line has this word."""
    for process in psutil.Process(demo_process.pid).children():
        try:
            if any(word in part for part in process.cmdline()):
                return process
        except psutil.NoSuchProcess:
            continue
    return None


def left_behind(folder: Path) -> list[str]:
    """List processes that still speak of this test's folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        environment = process.info["environ"] or {}
        if str(folder) in environment.get("SLOTWISE_LAKE", ""):
            found.append(" ".join(process.info["cmdline"] or []))
    return found


@pytest.mark.timeout(180)
def test_each_child_killed_once_and_every_promise_still_holds(tmp_path: Path) -> None:
    """kill -9 of Redis, simulator, gateway, both workers, beat and Flower, one after another."""
    running = demo(tmp_path, "--seconds", str(SECONDS), "--positions", "200", "--active", "20")
    try:
        time.sleep(WARM_UP_S)
        killed = []
        for kind, word in KINDS.items():
            victim = child_of(running, word)
            assert victim is not None, f"{kind} is not running"
            victim.send_signal(signal.SIGKILL)
            killed.append(kind)
            time.sleep(BETWEEN_S)
        out, errors = running.communicate(timeout=120)
    finally:
        running.kill()
        running.wait()

    result = json.loads(out.splitlines()[-1])
    assert running.returncode == 0, (result["broken"], errors)
    assert all(result["restarts"][kind] >= 1 for kind in killed), result["restarts"]
    assert result["positions"] == 200
    assert result["lines"]["held"] == 20
    assert result["lines"]["peak"] <= 21
    assert result["lines"]["rejected"] == 0
    assert result["reconciliation"] == {"matched": 200, "breaks": 0, "status": "matched"}
    assert left_behind(tmp_path) == []
    _every_succeeded_item_has_one_row(tmp_path / "lake", result)


def _every_succeeded_item_has_one_row(lake: Path, result: dict[str, dict[str, int]]) -> None:
    """Recount with DuckDB what the demo says of its queue."""
    ended = ask_duckdb(lake, "SELECT item_id FROM {position_queue} WHERE state = 'succeeded'")
    rows = ask_duckdb(
        lake,
        "SELECT count(*), count(DISTINCT item_id) FROM {position_updates}"
        " WHERE item_id IN (SELECT item_id FROM {position_queue} WHERE state = 'succeeded')",
    )
    assert rows == [(len(ended), len(ended))]
    assert len(ended) >= result["queue"]["succeeded"]
