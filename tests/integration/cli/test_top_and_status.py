"""`slotwise status` and `slotwise top`, as processes, over a real Redis and a real lake."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.bus.status import BeatStatus, StatusBoard
from slotwise.lake.store import Lake
from slotwise.quote import Quote
from tests.support.command_process import run_command
from tests.support.terminal import slotwise_in_terminal
from tests.unit.cli.scenes import gateway, queue
from workers.stack.child import Child, stop_all
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec

#: A process of Python starts within this on a busy machine, seconds; readings follow each second.
TIMEOUT_S = 40.0


@pytest.fixture
def env(redis_url: str, key_prefix: str, lake: Lake) -> dict[str, str]:
    return {
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": lake.address,
    }


def publish(bus: Bus, held: int) -> None:
    """Write the state of a gateway and a lake worker: lines that are held, with a quote each."""
    now = datetime.now(UTC)
    status = gateway(held=held, at=now, polled_at=now, connected_at=now)
    QuoteBoard(bus).put(
        Quote(con_id=con_id, observed_at=now, source="stream", last=Decimal(con_id))
        for con_id in status.lines
    )
    StatusBoard(bus).put(status)
    StatusBoard(bus).put(queue(at=now))
    StatusBoard(bus).put(BeatStatus(at=now))


def status(env: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return run_command("status", *args, env={**os.environ, "COLUMNS": "80", **env})


def test_status_shows_every_fact_and_that_workers_are_missing(
    env: dict[str, str], bus: Bus
) -> None:
    publish(bus, 2)
    answer = status(env, "--json")
    assert answer.returncode == 1, answer.stderr
    reported = json.loads(answer.stdout)
    assert reported["status"] == "wrong"
    failed = {one["name"] for one in reported["checks"] if one["verdict"] == "fail"}
    assert failed == {"poll workers away", "lake worker away"}
    assert (reported["lines"]["held"], reported["lines"]["idle"]) == (2, 98)
    assert [one["price"] for one in reported["contracts"]] == ["756700", "756701"]
    assert [change["times"] for change in reported["connection"]["history"]] == [1, 7, 1]
    assert reported["queue"]["ages"][0] == {"up_to_s": 5, "items": 120}
    assert (reported["workers"], reported["reconciliation"]["report"]) == ({}, None)


def test_status_prints_what_top_shows(env: dict[str, str], bus: Bus) -> None:
    publish(bus, 20)
    answer = status(env)
    assert answer.returncode == 1, answer.stderr
    assert answer.stdout.count("condor-") == 20
    assert "20 held" in answer.stdout
    assert max(map(len, answer.stdout.splitlines())) <= 80


def test_status_is_unknown_without_redis(tmp_path: Path) -> None:
    lost = {"SLOTWISE_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    answer = status({**lost, "SLOTWISE_LAKE": str(tmp_path)}, "--json")
    assert answer.returncode == 2, answer.stderr
    reported = json.loads(answer.stdout)
    assert (reported["status"], reported["lines"], reported["queue"]) == ("unknown", None, None)
    assert "Traceback" not in answer.stderr


def test_status_is_unknown_where_the_settings_name_no_redis(tmp_path: Path) -> None:
    answer = status({"SLOTWISE_REDIS_URL": "nonsense", "SLOTWISE_LAKE": str(tmp_path)})
    assert answer.returncode == 2
    assert "no Redis address" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("end", ["interrupt", "q", "term"])
def test_a_line_appears_on_the_live_screen(env: dict[str, str], bus: Bus, end: str) -> None:
    publish(bus, 0)
    with slotwise_in_terminal(env, "top") as terminal:
        assert terminal.shows("1 portfolio", TIMEOUT_S), terminal.text()
        terminal.press(b"2")
        assert terminal.shows("no contract is active or holds a line", TIMEOUT_S), terminal.text()
        publish(bus, 1)
        assert terminal.shows("SPY 20261127 P 530", TIMEOUT_S), terminal.text()
        match end:
            case "interrupt":
                os.kill(terminal.process.pid, signal.SIGINT)
            case "term":
                os.kill(terminal.process.pid, signal.SIGTERM)
            case _:
                terminal.press(b"q")
        assert terminal.ended(TIMEOUT_S) == 0
        assert "Traceback" not in terminal.text()


def test_a_lost_redis_is_shown_and_found_again(tmp_path: Path, key_prefix: str, lake: Lake) -> None:
    port = free_port()
    redis = Child(redis_spec(port, tmp_path))
    redis.start()
    bus = Bus(f"redis://127.0.0.1:{port}/0", key_prefix)
    env = {
        "SLOTWISE_REDIS_URL": bus.url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": lake.address,
    }
    try:
        with slotwise_in_terminal(env, "top") as terminal:
            assert terminal.shows("1 portfolio", TIMEOUT_S), terminal.text()
            terminal.press(b"5")
            assert terminal.shows("no gateway is running here", TIMEOUT_S), terminal.text()
            stop_all([redis])
            assert terminal.shows("no answer for", TIMEOUT_S), terminal.text()
            redis.start()
            assert terminal.shows("no lake worker has landed", TIMEOUT_S), terminal.text()
            terminal.press(b"2")
            publish(bus, 1)
            assert terminal.shows("SPY 20261127 P 530", TIMEOUT_S), terminal.text()
            terminal.press(b"q")
            assert terminal.ended(TIMEOUT_S) == 0
            assert "Traceback" not in terminal.text()
    finally:
        bus.close()
        stop_all([redis])


def test_top_needs_a_terminal(env: dict[str, str]) -> None:
    answer = run_command("top", env={**os.environ, **env})
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert "slotwise status" in line


def test_a_status_of_another_version_is_reported_not_raised(env: dict[str, str], bus: Bus) -> None:
    bus.redis.set(bus.key("status", "GatewayStatus"), msgspec.msgpack.encode({"at": "whenever"}))
    answer = status(env)
    assert answer.returncode == 2
    assert "another version" in " ".join(answer.stdout.split())
    assert "Traceback" not in answer.stderr
