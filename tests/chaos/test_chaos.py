"""A short storm of kills leaves every promise whole, and a broken one is found."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.chaos.storm.events import KILLS


@pytest.mark.timeout(900)
def test_every_promise_holds_after_a_short_storm() -> None:
    """Each kind of process is killed once or more; wipes and the rest happen in between."""
    few = ["--positions", "60", "--seed", "3", "--kills", "8", "--every", "0.5"]
    storm = subprocess.run(
        [sys.executable, "-m", "tests.chaos.run", *few, "--minutes", "5"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(storm.stdout.splitlines()) == 1, storm.stderr
    result = json.loads(storm.stdout)
    assert storm.returncode == 0, (result["broken"], storm.stderr[-3000:])
    assert result["broken"] == []
    assert result["kills"] == 8
    assert set(result["by_kind"]) <= set(KILLS)
    assert result["succeeded"] + result["failed"] + result["closed"] == result["items"] > 0
