"""Commands where no system runs and no lake is: one line, exit status 2, and nothing is made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.command_process import run_command


def run(folder: Path, redis_url: str, *args: str) -> subprocess.CompletedProcess[str]:
    names = ("SLOTWISE_", "REDIS_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(names)}
    env = {**clean, "REDIS_URL": redis_url, "SLOTWISE_KEY_PREFIX": f"{folder.name}:"}
    return run_command(*args, env=env, cwd=folder)


@pytest.mark.parametrize(
    "command",
    [
        "lake",
        "lake --json",
        "positions",
        "positions --as-of 2026-11-20",
        "history 1",
        "strategies list",
        "strategies activate condor --legs 1,2",
        "strategies close condor",
        "strategies show condor",
        "queue dead",
        "queue aside",
        "silence list",
        "silence add --contract 1 --for 1d --why known",
        "why 1 --gaps",
        "report --date 2026-06-01",
    ],
)
def test_a_command_without_a_lake_makes_none(tmp_path: Path, redis_url: str, command: str) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    answer = run(folder, redis_url, *command.split())
    assert answer.returncode == 2, (answer.stdout, answer.stderr)
    [line] = answer.stderr.strip().splitlines()
    assert "SLOTWISE_LAKE" in line
    assert list(folder.iterdir()) == []


def test_doctor_without_a_lake_says_so_and_makes_none(tmp_path: Path, redis_url: str) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    answer = run(folder, redis_url, "doctor", "--json")
    assert answer.returncode == 2, "without a lake the answer is unknown"
    assert "lake init" in answer.stdout
    assert list(folder.iterdir()) == []


def test_init_without_a_system_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    answer = run(folder, "redis://127.0.0.1:9/0", "lake", "init")
    assert answer.returncode == 2
    assert "no system runs" in answer.stderr
    assert list(folder.iterdir()) == []
