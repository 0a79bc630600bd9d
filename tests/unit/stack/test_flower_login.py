"""Flower asks for a password, and no two installations have the same."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from slotwise.errors import InputError
from tests.support.command_process import run_command
from workers.launch import command
from workers.stack.celery_argv import flower_argv
from workers.stack.flower_login import LOGIN, flower_login
from workers.stack.ports import free_port


def test_a_login_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    login = flower_login(tmp_path, {})
    assert flower_login(tmp_path, {}) == login
    assert len(login.partition(":")[2]) >= 16
    (kept,) = tmp_path.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    other = tmp_path / "other"
    other.mkdir()
    assert flower_login(other, {}) != login


def test_a_login_that_is_set_counts(tmp_path: Path) -> None:
    """In the environment or in a file; nothing is written then."""
    assert flower_login(tmp_path, {LOGIN: "me:word"}) == "me:word"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "given").write_text("me:other\n")
    assert flower_login(tmp_path, {f"{LOGIN}_FILE": str(tmp_path / "given")}) == "me:other"


def test_a_login_may_be_set_or_named_in_dot_env(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the environment has none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "word").write_text("me:word\n")
    (tmp_path / ".env").write_text(f"{LOGIN}_FILE=word\n")
    assert flower_login(tmp_path, {}) == "me:word"
    assert flower_login(tmp_path, {LOGIN: "you:word"}) == "you:word"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere/flower-login.* cannot be kept"):
        flower_login(tmp_path / "nowhere", {})


@pytest.mark.parametrize("login", ["", "trader", "trader:", ":word"])
def test_flower_does_not_start_without_a_password(login: str) -> None:
    """Nor with half of one; one line says what to set."""
    env = {**os.environ, LOGIN: login, f"{LOGIN}_FILE": ""}
    words = flower_argv("127.0.0.1", free_port(), None)[len(command()) :]
    ended = run_command(*words, env=env)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("flower: no one is let in without a password")
    assert "Traceback" not in ended.stderr
