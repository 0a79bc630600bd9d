"""A second terminal finds a running stack by a file, which others cannot read."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from slotwise.errors import InputError
from workers.stack.state_folder import earlier_lake, write_env_file


def test_a_shell_that_reads_the_file_has_the_settings(tmp_path: Path) -> None:
    """Whatever is in them; and nothing that the command line does not need."""
    env = {
        "SLOTWISE_REDIS_URL": "redis://:it's $HOME@127.0.0.1:1/0",
        "SLOTWISE_LAKE": "/a lake",
        "FLOWER_BASIC_AUTH": "a:b",
    }
    file = write_env_file(tmp_path, env)
    shown = '"$SLOTWISE_REDIS_URL" "$SLOTWISE_LAKE" "$FLOWER_BASIC_AUTH"'
    script = f'. {file}; printf "%s|%s|%s" {shown}'
    ended = subprocess.run(
        ["sh", "-c", script], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert ended.stdout == "redis://:it's $HOME@127.0.0.1:1/0|/a lake|"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("lake", ["/a lake", "it's $HOME", "s3://bucket/lake", ""])
def test_the_lake_of_the_last_start_is_read_as_it_was_written(tmp_path: Path, lake: str) -> None:
    assert earlier_lake(tmp_path) == ""
    write_env_file(tmp_path, {"SLOTWISE_LAKE": lake, "SLOTWISE_KEY_PREFIX": "slotwise:"})
    assert earlier_lake(tmp_path) == lake


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere/env' cannot be written"):
        write_env_file(tmp_path / "nowhere", {})
