"""The supervisor: what it started is tended, and gone when the block is left."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.errors import SlotwiseError
from tests.support.processes import alive, family_spec, python_spec, read_pids
from workers.stack.child import wait_until
from workers.stack.ports import free_port
from workers.stack.processes import (
    celery_specs,
    gateway_spec,
    redis_spec,
    simulator_spec,
    web_spec,
)
from workers.stack.supervisor import Supervisor

SOON = 20.0
FOR_EVER = "import time; time.sleep(3600)"


def test_leaving_the_block_by_an_error_stops_every_process(tmp_path: Path) -> None:
    spec, pids = family_spec(tmp_path)

    def fail() -> None:
        with Supervisor() as stack:
            stack.start(spec)
            assert wait_until(lambda: len(read_pids(pids)) == 2, SOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert wait_until(lambda: not any(map(alive, read_pids(pids))), SOON)


def test_only_what_died_is_started_again(tmp_path: Path) -> None:
    with Supervisor() as stack:
        killed = stack.start(python_spec(tmp_path, FOR_EVER, name="killed"))
        other = stack.start(python_spec(tmp_path, FOR_EVER, name="other"))
        assert killed.pid is not None
        os.kill(killed.pid, signal.SIGKILL)
        restarted: list[object] = []

        def has_restarted() -> bool:
            restarted.extend(stack.tend())
            return bool(restarted)

        assert wait_until(has_restarted, SOON)
        assert (restarted, killed.restarts, other.restarts) == ([killed], 1, 0)


def test_the_embedded_redis_answers_once_it_is_started(tmp_path: Path) -> None:
    port = free_port()
    bus = Bus(f"redis://127.0.0.1:{port}/0")
    with Supervisor() as stack:
        stack.start_redis(redis_spec(port, tmp_path), bus)
        bus.ping()
    bus.close()


def test_a_redis_that_cannot_start_says_why_at_once(tmp_path: Path) -> None:
    """Its port is taken by a process that is no Redis."""
    with socket.socket() as taken, Supervisor() as stack:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        bus = Bus(f"redis://127.0.0.1:{port}/0")
        with pytest.raises(SlotwiseError, match=r"the embedded Redis did not start: .+"):
            stack.start_redis(redis_spec(port, tmp_path), bus)
        bus.close()


def test_redis_is_stopped_last_and_beat_first(tmp_path: Path) -> None:
    specs = [
        redis_spec(1, tmp_path),
        gateway_spec({}, tmp_path),
        simulator_spec((), {}, tmp_path),
        web_spec({}, tmp_path, 5556),
        *celery_specs({}, tmp_path, 5555),
    ]
    order = [spec.name for spec in sorted(specs, key=lambda spec: spec.stop_order)]
    assert (order[0], order[-1]) == ("beat", "redis")
    assert len({spec.name for spec in specs}) == len(specs)
    assert len({spec.log for spec in specs}) == len(specs), "each has a log of its own"
