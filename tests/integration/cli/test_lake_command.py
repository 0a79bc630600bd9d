"""`slotwise lake`: what a person sees of the tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from slotwise.lake.maintenance import SMALL_FILES, maintain
from slotwise.lake.store import Lake
from slotwise.valuation import position_row
from tests.support.landed import put
from tests.support.values import NOON, position


def lake_of(address: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workers.cli", "lake", *args],
        env={**os.environ, "SLOTWISE_LAKE": address},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


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
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "SLOTWISE_LAKE" in line
