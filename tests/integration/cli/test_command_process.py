"""A command that is forked does what one in a new interpreter does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slotwise.lake.store import Lake
from tests.support.command_process import run_command

#: What the installed script does, by the name of the script.
NEW = "import sys; from workers.cli import main; sys.argv[0] = 'slotwise'; main()"


@pytest.mark.parametrize(
    "words",
    [("lake",), ("lake", "--json"), ("strategies", "list"), ("queue", "--none"), ()],
    ids=str,
)
def test_forked_command_ends_and_writes_as_one_of_a_new_interpreter(
    lake: Lake, words: tuple[str, ...]
) -> None:
    env = {**os.environ, "SLOTWISE_LAKE": lake.address, "COLUMNS": "120"}
    new = subprocess.run(
        [sys.executable, "-c", NEW, *words], env=env, capture_output=True, text=True, check=False
    )
    forked = run_command(*words, env=env)
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        new.returncode, new.stdout, new.stderr,
    )  # fmt: skip


def test_each_command_has_its_own_environment_and_folder(tmp_path: Path) -> None:
    """Also `.env` is read in the folder of the command; nothing is left for the next one."""
    (tmp_path / ".env").write_text("SLOTWISE_LAKE=one\n")
    (tmp_path / "two").mkdir()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE_", "REDIS_"))}
    assert "/one'" in run_command("lake", env=clean, cwd=tmp_path).stderr
    assert "/one'" not in run_command("lake", env=clean, cwd=tmp_path / "two").stderr
    named = run_command("lake", env={**clean, "SLOTWISE_LAKE": "three"}, cwd=tmp_path)
    assert "/three'" in named.stderr


def test_command_that_does_not_end_is_killed_and_the_next_one_runs(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_command("simulator", "--port", "0", timeout_s=2.0)
    assert run_command("lake", cwd=tmp_path).returncode == 2
