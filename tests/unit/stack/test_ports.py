"""A port that is picked is free, and stays so until its server starts."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from workers.stack.ports import free_port, is_free

#: Where Linux takes the ports of outgoing connections from.
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_a_picked_port_can_be_listened_on() -> None:
    for _ in range(50):
        with socket.socket() as server:
            server.bind(("127.0.0.1", free_port()))
            server.listen()


def test_no_outgoing_connection_takes_a_picked_port() -> None:
    """With the range that Linux comes with; another may have been set here."""
    first, last = map(int, OUTGOING.read_text().split())
    if (first, last) != (32_768, 60_999):
        pytest.skip(f"outgoing connections take {first} to {last} here")
    assert all(free_port() < first for _ in range(50))


def test_a_port_with_a_server_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
        server.listen()
        assert not is_free(server.getsockname()[1])


def test_a_picked_port_is_given_to_no_other_process_before_its_server_listens() -> None:
    port = free_port()
    asks = f"from workers.stack.ports import free_port; free_port(first={port}, last={port})"
    other = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, timeout=60)
    assert f"no port of {port} to {port} is free" in other.stderr
    assert is_free(port), "its own server can listen"
