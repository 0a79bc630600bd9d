"""ib_insync, the client that many programs still use: its whole start-up, and what follows."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from tests.integration.simulator.simulator_process import running


def test_a_session_of_ib_insync() -> None:
    """It uses versions up to 176; start-up, details, a snapshot, bars, a stream, the line limit."""
    with running("--positions", "20", "--lines", "1") as (_, port):
        done = subprocess.run(
            [sys.executable, "-m", "tests.integration.simulator.insync_session", str(port)],
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    assert (seen["version"], seen["accounts"], seen["con_id"]) == (176, ["DU1234567"], 756733)
    assert (seen["positions"], seen["portfolio"], seen["bars"]) == (20, 20, 5)
    assert seen["values"] > 5
    assert 0 < seen["bid"] < seen["ask"]
    assert seen["last"] > 0
    assert seen["errors"] == [101]
    assert abs(seen["current_time"] - time.time()) < 60
