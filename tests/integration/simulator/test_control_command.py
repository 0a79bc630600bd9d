"""`python -m tws_simulator.control`: commands from a terminal."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading

from workers.stack.ports import free_port


def run(port: int, *commands: str) -> subprocess.CompletedProcess[str]:
    """Send commands as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "tws_simulator.control", str(port), *commands],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_control_sends_each_command_and_prints_each_answer() -> None:
    received: list[str] = []

    def answer() -> None:
        peer, _ = server.accept()
        with peer, peer.makefile("r") as lines:
            for line in lines:
                received.append(json.loads(line)["do"])
                peer.sendall(json.dumps({"ok": received[-1] != "nonsense"}).encode() + b"\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, daemon=True).start()
        ended = run(server.getsockname()[1], '{"do": "status"}', '{"do": "nonsense"}')
    assert received == ["status", "nonsense"]
    assert ended.stdout.splitlines() == ['{"ok": true}', '{"ok": false}']
    assert ended.returncode == 1


def test_control_says_in_one_line_that_no_simulator_answers() -> None:
    ended = run(free_port(), '{"do": "status"}')
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "no simulator answers" in ended.stderr
