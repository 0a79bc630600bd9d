"""Any name, any encoding of a terminal, any zone: no command ends with a traceback."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime

import pytest

from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from tests.support.command_process import run_command
from workers.launch import command

NAMES = ("[/x]", "[bold]condor[/bold]", "condor\x1b[2J", "kondór ✓", "a\nb", "\u202egnp")


def slotwise(lake: Lake, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "SLOTWISE_LAKE": lake.address, "COLUMNS": "140", **env}
    return subprocess.run(
        command(*words), env=env, capture_output=True, text=True, timeout=90, check=False
    )


@pytest.fixture
def named(lake: Lake) -> Lake:
    registry = open_registry(lake.address)
    for number, name in enumerate(NAMES, 1):
        registry.activate(name, [number], datetime.now(UTC))
    return lake


def test_a_list_shows_any_name_and_moves_no_cursor(named: Lake) -> None:
    listed = slotwise(named, "strategies", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "\x1b" not in listed.stdout
    for shown in ("[/x]", "[bold]condor[/bold]", "condor[2J", "kondór ✓", "a b", "gnp"):
        assert f" {shown} " in listed.stdout
    data = json.loads(slotwise(named, "strategies", "list", "--json").stdout)
    assert {one["name"] for one in data} == set(NAMES)


def test_a_terminal_of_ascii_gets_escapes(named: Lake) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    listed = slotwise(named, "strategies", "list", **ascii_only)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "kond\\xf3r \\u2713" in listed.stdout
    data = json.loads(slotwise(named, "strategies", "list", "--json", **ascii_only).stdout)
    assert {one["name"] for one in data} == set(NAMES)
    closed = slotwise(named, "strategies", "close", "ñ", **ascii_only)
    assert closed.returncode == 1
    assert "Traceback" not in closed.stderr
    lake = Lake(f"{named.address}-ü")
    lake.create()
    open_registry(lake.address).activate("condor", [1], datetime.now(UTC))
    shown = slotwise(lake, "lake", **ascii_only)
    assert (shown.returncode, shown.stderr) == (0, "")


def test_bytes_that_are_no_text_are_one_line(lake: Lake) -> None:
    odd = os.fsdecode(b"kond\xf3r")
    for ended in (
        slotwise(lake, "strategies", "close", odd),
        slotwise(lake, "strategies", "list", SLOTWISE_LAKE=odd),
    ):
        assert ended.returncode == 1
        [line] = ended.stderr.splitlines()
        assert "not written in UTF-8" in line


@pytest.mark.parametrize(
    "words",
    [
        ("positions", "--zone", "Nowhere"),
        ("history", "1", "--zone", "Nowhere"),
        ("report", "--zone", "../Nowhere"),
    ],
    ids=lambda words: words[0],
)
def test_an_unknown_zone_is_one_line(lake: Lake, words: tuple[str, ...]) -> None:
    ended = run_command(*words, env={**os.environ, "SLOTWISE_LAKE": lake.address})
    assert (ended.returncode, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    assert "unknown time zone" in line
    assert "Nowhere" in line
