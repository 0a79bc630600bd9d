"""A worker and a gateway that Redis's keys are too new for end with one clear line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.version import KEYS_VERSION, claim_version
from tasks.keys_version import MISFIT
from workers.stack.celery_argv import worker_argv

GATEWAY = (sys.executable, "-m", "workers.cli", "gateway")


@pytest.mark.parametrize(
    ("argv", "status"), [(worker_argv("poll", 1), MISFIT), (GATEWAY, 1)], ids=["worker", "gateway"]
)
def test_a_process_that_is_too_old_ends(
    argv: tuple[str, ...], status: int, bus: Bus, redis_url: str, key_prefix: str, tmp_path: Path
) -> None:
    claim_version(bus, KEYS_VERSION + 1)
    env = {
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
    }
    ended = subprocess.run(
        argv, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == status, ended.stderr
    assert "install the newer Slotwise" in ended.stderr
    assert "Traceback" not in ended.stderr
