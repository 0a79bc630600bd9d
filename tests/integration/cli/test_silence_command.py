"""`slotwise silence`: add, list, lift; each mistake is one line."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from slotwise.lake.store import Lake
from tests.support.command_process import run_command


@pytest.fixture(autouse=True)
def made(tmp_path: Path) -> None:
    """A lake for the commands; they make none."""
    Lake(str(tmp_path / "lake")).create()


def slotwise(tmp_path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "SLOTWISE_LAKE": str(tmp_path / "lake")}
    return run_command("silence", *args, env=env)


def test_a_silence_is_made_shown_and_lifted(tmp_path: Path) -> None:
    """Without Redis: it is a row of the lake."""
    assert json.loads(slotwise(tmp_path, "list", "--json").stdout) == []
    made = slotwise(tmp_path, "add", "--contract", "761", "--for", "2d", "--why", "transfer")
    assert "silent until" in made.stdout, made.stderr
    [shown] = json.loads(slotwise(tmp_path, "list", "--json").stdout)
    assert (shown["con_id"], shown["cause"], shown["why"]) == (761, None, "transfer")
    assert shown["silence_id"] in slotwise(tmp_path, "list").stdout
    assert slotwise(tmp_path, "lift", shown["silence_id"]).returncode == 0
    assert json.loads(slotwise(tmp_path, "list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("add", "--for", "2d", "--why", "x"), "name a contract or a cause"),
        (("add", "--contract", "1", "--for", "soon", "--why", "x"), "write 30m, 4h or 2d"),
        (("add", "--cause", "gremlins", "--for", "2d", "--why", "x"), "is none of late_landing"),
        (("lift", "nothing"), "no silence 'nothing' in force"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    answer = slotwise(tmp_path, *args)
    assert answer.returncode == 1
    assert said in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
