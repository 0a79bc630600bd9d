"""`slotwise lake`: what a person sees of the tables."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from slotwise.bus.client import Bus
from slotwise.bus.leases import Lease
from slotwise.lake.maintenance import SMALL_FILES, maintain
from slotwise.lake.store import Lake
from slotwise.rules.valuation import position_row
from tests.support.command_process import run_command
from tests.support.landed import put
from tests.support.values import NOON, position


def lake_of(address: str, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return run_command("lake", *args, env={**os.environ, "SLOTWISE_LAKE": address, **env})


def test_tables_are_shown_with_their_last_maintenance(lake: Lake) -> None:
    for number in range(SMALL_FILES + 1):
        put(lake, "position_updates", [position_row(position(number), None, source="batch")])
    before = {row["table"]: row for row in json.loads(lake_of(lake.address, "--json").stdout)}
    assert before["position_updates"]["rows"] == SMALL_FILES + 1
    assert before["position_updates"]["maintained_at"] is None
    maintain(lake, NOON.date())
    shown = lake_of(lake.address)
    assert shown.returncode == 0, shown.stderr
    [line] = [one for one in shown.stdout.splitlines() if "position_updates" in one]
    assert "never" not in line
    after = {row["table"]: row for row in json.loads(lake_of(lake.address, "--json").stdout)}
    assert (after["position_updates"]["files"], after["quotes"]["rows"]) == (1, 0)


def test_a_lake_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    ended = lake_of(str(tmp_path / "nothing"))
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert "SLOTWISE_LAKE" in line


def test_what_a_power_cut_broke_is_shown_and_mended(lake: Lake) -> None:
    """One line for each fault, and for each thing done, with what is gone."""
    env = {"REDIS_URL": "redis://127.0.0.1:9/0"}
    whole = lake_of(lake.address, "check")
    assert (whole.returncode, whole.stdout) == (0, "nothing is broken\n")
    for number in range(3):
        put(lake, "position_updates", [position_row(position(number), None, source="batch")])
    newest = sorted(Path(lake.address, "position_updates", "_delta_log").glob("*.json"))[-1]
    newest.write_bytes(b"")
    broken = lake_of(lake.address, "check", "--json")
    assert broken.returncode == 1
    assert [fault["kind"] for fault in json.loads(broken.stdout)] == ["torn_tail"]
    mended = lake_of(lake.address, "repair", **env)
    assert mended.returncode == 0, mended.stderr
    assert "commits 3 to 3 cut; gone:" in mended.stdout
    assert lake_of(lake.address, "repair", **env).stdout == "nothing was broken\n"
    assert lake_of(lake.address, "check").returncode == 0


def test_a_repair_waits_for_the_lake_worker(lake: Lake, redis_url: str, bus: Bus) -> None:
    env = {"REDIS_URL": redis_url, "SLOTWISE_KEY_PREFIX": bus.prefix}
    with Lease(bus, "lake").held():
        answer = lake_of(lake.address, "repair", **env)
    assert answer.returncode == 1
    assert "at work" in answer.stderr
    assert lake_of(lake.address, "repair", **env).returncode == 0


def test_a_lake_in_an_object_store_has_nothing_to_repair() -> None:
    for command in ("check", "repair"):
        answer = lake_of("s3://bucket/lake", command, REDIS_URL="redis://127.0.0.1:9/0")
        assert answer.returncode == 1
        assert "object store" in answer.stderr
