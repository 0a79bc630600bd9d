"""A stack is found again: its Redis keeps its port, commands read its file, logs stay small."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from slotwise.settings import read_settings
from slotwise.stack_variables import stack_variables
from workers.stack.log_files import rotate
from workers.stack.ports import is_free
from workers.stack.state_folder import kept_port, write_env_file

ENV = {"SLOTWISE_REDIS_URL": "redis://:it's@127.0.0.1:20001/0", "SLOTWISE_LAKE": "/a lake"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, in an environment without our settings."""
    for name in list(os.environ):
        if name.startswith(("SLOTWISE_", "REDIS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stack(folder: Path, name: str = "state") -> Path:
    (folder / name).mkdir()
    return write_env_file(folder / name, ENV)


def test_commands_of_the_folder_find_the_stack(folder: Path) -> None:
    stack(folder)
    config = read_settings()
    assert (config.redis_url, config.lake) == (ENV["SLOTWISE_REDIS_URL"], "/a lake")


def test_the_environment_and_dot_env_count_before_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack(folder)
    (folder / ".env").write_text("SLOTWISE_LAKE=from-env-file\n")
    monkeypatch.setenv("REDIS_URL", "redis://here:6379/0")
    config = read_settings()
    assert (config.redis_url, config.lake) == ("redis://here:6379/0", "from-env-file")


def test_another_state_folder_is_named_by_a_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack(folder, "other")
    assert read_settings().lake == "lake"
    monkeypatch.setenv("SLOTWISE_STATE", "other")
    assert read_settings().lake == "/a lake"
    monkeypatch.setenv("SLOTWISE_STATE", "")
    assert read_settings().lake == "lake"


def test_a_file_that_others_can_write_is_not_read(folder: Path) -> None:
    stack(folder).chmod(0o666)
    assert stack_variables(None, folder) == {}


def test_the_port_of_redis_stays_the_same_while_it_is_free(tmp_path: Path) -> None:
    port = kept_port(tmp_path)
    assert kept_port(tmp_path) == port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        another = kept_port(tmp_path)
    assert another != port
    assert is_free(another)
    assert kept_port(tmp_path) == another


@pytest.mark.parametrize("text", ["", "a port", "80", "99999"])
def test_a_port_that_is_none_is_chosen_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "redis-port").write_text(text)
    assert 20_000 <= kept_port(tmp_path) <= 32_767


def test_a_large_log_is_set_aside_while_its_process_writes(tmp_path: Path) -> None:
    log = tmp_path / "gateway.log"
    with log.open("ab", buffering=0) as writing:
        for number in range(6):
            writing.write(f"{number}".encode() * 10)
            assert rotate(log, large=10, kept=3)
        writing.write(b"last")
    assert log.read_bytes() == b"last"
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["gateway.log", "gateway.log.1", "gateway.log.2", "gateway.log.3"]
    assert (tmp_path / "gateway.log.1").read_bytes() == b"5" * 10
    assert not rotate(log, large=10)


def test_a_command_reads_it_without_sourcing_anything(folder: Path) -> None:
    stack(folder)
    ended = subprocess.run(
        [sys.executable, "-m", "workers.cli", "portfolio"],
        cwd=folder, env=dict(os.environ), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "127.0.0.1:20001" in ended.stderr
