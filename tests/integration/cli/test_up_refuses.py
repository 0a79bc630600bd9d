"""`slotwise up` says in one line why it cannot start, and starts nothing."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from tests.support.command_process import run_command
from workers.stack.state_folder import alone_in, ensure_state, write_env_file


def up(
    folder: Path, *options: str, more: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "SLOTWISE_LAKE": str(folder / "lake"), "SLOTWISE_WEB": "false"}
    return run_command("up", *options, env=env | (more or {}))


def test_a_state_folder_below_a_file_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = up(tmp_path, "--state", str(tmp_path / "file" / "state"), "--flower-port", "0")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "--state" in line
    assert "Not a directory" in line


def test_a_used_flower_port_is_named_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ended = up(tmp_path, "--state", str(tmp_path / "state"), "--flower-port", port)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert f"port {port} is in use" in line


def test_a_used_web_port_is_named_in_one_line(tmp_path: Path) -> None:
    """And not looked at where the web application is left out."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        words = ("--state", str(tmp_path / "state"), "--flower-port", "0", "--web-port", port)
        ended = up(tmp_path, *words, more={"SLOTWISE_WEB": "true"})
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert f"port {port} is in use: name another by --web-port" in line


def test_a_folder_in_which_a_system_runs_is_named_and_left_alone(tmp_path: Path) -> None:
    """Two systems would write into the files of one Redis."""
    state = tmp_path / "state"
    ensure_state(state)
    write_env_file(state, {"SLOTWISE_REDIS_URL": "redis://127.0.0.1:1/0"})
    before = {file: file.read_bytes() for file in state.iterdir() if file.is_file()}
    with alone_in(state):
        ended = up(tmp_path, "--state", str(state), "--flower-port", "0")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert f"a system runs in {str(state)!r} already (process {os.getpid()})" in line
    assert {file: file.read_bytes() for file in before} == before
    with alone_in(state):
        pass
