"""A Redis that hangs: commands end within seconds, with status 2 and one line that names it."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.bus.server_info import redis_facts
from slotwise.errors import BusError
from slotwise.lake.store import Lake
from tests.support.command_process import command_server, run_command
from workers.stack.child import Child, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec

#: Redis starts within this, seconds.
STARTS_S = 15.0
#: How long a command waits for each answer here, seconds; it is 3 s where an address names none.
TIMEOUT_S = 1
#: What a command does besides waiting, on a loaded machine, seconds.
STARTING_S = 10.0
#: Commands that read boards, ask a worker and ask the gateway; the first prints a verdict.
COMMANDS = (
    ("status",),
    ("portfolio",),
    ("reconcile",),
    ("strategies", "activate", "desk", "--legs", "1"),
)


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[Bus]:
    """A server whose connections are taken by the system, and that answers nothing."""
    port = free_port()
    server = Child(redis_spec(port, tmp_path / "redis"))
    server.start()
    bus = Bus(f"redis://127.0.0.1:{port}/0")
    try:
        assert wait_until(lambda: not redis_facts(bus).error, STARTS_S)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGSTOP)
        yield bus
    finally:
        os.kill(server.pid or 0, signal.SIGCONT)
        bus.close()
        stop_all([server])


def test_a_call_asks_a_server_that_hangs_once() -> None:
    """Each further try, and those within the greeting, would wait for the whole time again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        bus = Bus(f"redis://127.0.0.1:{server.getsockname()[1]}/0?socket_timeout=1")
        try:
            with pytest.raises(BusError, match="no answer"):
                bus.ping()
        finally:
            bus.close()
        server.setblocking(False)
        server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            server.accept()


def test_commands_end_soon_and_name_the_server(frozen: Bus, lake: Lake, tmp_path: Path) -> None:
    where = frozen.url.removeprefix("redis://").removesuffix("/0")
    env = {
        **os.environ,
        "SLOTWISE_REDIS_URL": f"{frozen.url}?socket_timeout={TIMEOUT_S}",
        "SLOTWISE_LAKE": lake.address,
    }
    command_server()
    for words in COMMANDS:
        began = time.monotonic()
        ended = run_command(*words, env=env, cwd=tmp_path)
        # Two at most are waited for: which lake the system works with, and the command's own.
        assert time.monotonic() - began < 2 * TIMEOUT_S + STARTING_S, words
        assert ended.returncode == 2, (words, ended)
        printed = " ".join((ended.stdout + ended.stderr).split())
        assert f"no answer from {where} within {TIMEOUT_S} s" in printed, (words, ended)
        if words != ("status",):
            assert (ended.stdout, ended.stderr.count("\n")) == ("", 1), (words, ended)


def test_a_silent_server_is_asked_once() -> None:
    """Neither the connection nor the command is tried again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        facts = redis_facts(Bus(f"redis://127.0.0.1:{server.getsockname()[1]}", timeout_s=0.2))
        assert (facts.trouble, "within 0.2 s" in facts.error) == ("away", True)
        server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_command_waits_for_seconds() -> None:
    for url in ("redis://127.0.0.1:1", "redis://127.0.0.1:1?socket_timeout=60"):
        assert Bus(url, timeout_s=COMMAND_TIMEOUT_S).socket_timeout_s <= 3
