"""`slotwise silence`: add, list, lift; each mistake is one line."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from slotwise.bus.account_names import AccountNames
from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard
from slotwise.lake.reconciliation_queries import silence_rows
from slotwise.lake.store import Lake
from tests.support.command_process import run_command


@pytest.fixture(autouse=True)
def made(tmp_path: Path) -> None:
    """A lake for the commands; they make none."""
    Lake(str(tmp_path / "lake")).create()


def slotwise(
    tmp_path: Path, *args: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **(env or {}), "SLOTWISE_LAKE": str(tmp_path / "lake")}
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


def test_an_account_of_which_nothing_has_landed_is_named_as_it_is_shown(
    tmp_path: Path, bus: Bus, redis_url: str, key_prefix: str
) -> None:
    """It is looked up among the accounts of the gateway's session."""
    StatusBoard(bus).put(AccountNames(("DU1234567", "ABC12XY9")))
    env = {"SLOTWISE_REDIS_URL": redis_url, "SLOTWISE_KEY_PREFIX": key_prefix}
    add = ("add", "--account", "*XY9", "--for", "2d", "--why", "transfer", "--contract", "761")
    made = slotwise(tmp_path, *add, env=env)
    assert made.returncode == 0, made.stderr
    [row] = silence_rows(Lake(str(tmp_path / "lake")))
    assert row.account == "ABC12XY9"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("add", "--for", "2d", "--why", "x"), "name a contract or a cause"),
        (("add", "--contract", "1", "--for", "soon", "--why", "x"), "write 30m, 4h or 2d"),
        (("add", "--cause", "gremlins", "--for", "2d", "--why", "x"), "is none of late_landing"),
        (("lift", "nothing"), "no silence 'nothing' in force"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, args: tuple[str, ...], message: str) -> None:
    answer = slotwise(tmp_path, *args)
    assert answer.returncode == 1
    assert message in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
