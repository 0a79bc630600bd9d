"""A command that cannot know ends with status 2 and one line, and prints no empty answer."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from slotwise.bus.client import Bus, translated
from slotwise.bus.status import (
    STATUS_TTL_S,
    GatewayStatus,
    LegStatus,
    RotationStatus,
    SettleStatus,
    StatusBoard,
)
from slotwise.bus.witness_status import Disagreement, WitnessStatus
from slotwise.errors import BusError
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.writer import append_rows
from slotwise.rules.valuation import position_row
from tests.support.command_process import run_command
from tests.support.values import position
from workers.commands.exit_status import exit_status_of


def assert_cannot_know(lake: Lake, words: list[str], message: str) -> None:
    """Run a command on a lake and check how it ends."""
    clean = {key: value for key, value in os.environ.items() if key != "REDIS_URL"}
    answer = run_command(*words, env={**clean, "SLOTWISE_LAKE": lake.address})
    assert (answer.returncode, answer.stdout) == (2, ""), (answer.stdout, answer.stderr)
    [line] = [one for one in answer.stderr.splitlines() if one.startswith("slotwise: ")]
    assert message in line


#: Every command that reads the boards or asks another process.
ASKING = ["lines", "lines --json", "why 7", "why SPY", "queue", "queue --json", "reconcile",
          "reconcile --json", "portfolio", "portfolio --json", "lake adopt",
          "strategies activate condor --legs 7"]  # fmt: skip
#: Those that change nothing, and so end at once where a Redis answers that no system uses.
READING = [words for words in ASKING if not words.startswith(("strategies", "lake"))]


@pytest.mark.parametrize("words", ASKING)
def test_command_without_redis_cannot_know(lake: Lake, tmp_path: Path, words: str) -> None:
    env = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0", "SLOTWISE_LAKE": lake.address}
    answer = run_command(*words.split(), env=env, cwd=tmp_path)
    assert (answer.returncode, answer.stdout) == (2, ""), (answer.stdout, answer.stderr)
    [line] = answer.stderr.splitlines()
    assert line.startswith("slotwise: ")
    assert "127.0.0.1:1" in line


@pytest.mark.parametrize("words", READING)
def test_command_without_a_system_cannot_know(lake: Lake, bus: Bus, words: str) -> None:
    """Redis answers, and nothing runs: no empty answer, no waiting for what cannot come."""
    env = {**os.environ, "REDIS_URL": bus.url, "SLOTWISE_KEY_PREFIX": bus.prefix,
           "SLOTWISE_LAKE": lake.address}  # fmt: skip
    answer = run_command(*words.split(), env=env)
    assert answer.returncode == 2, (answer.stdout, answer.stderr)
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (redis.exceptions.BusyLoadingError("LOADING"), 2),
        (redis.exceptions.AuthenticationError("WRONGPASS"), 2),
        (redis.exceptions.OutOfMemoryError("OOM"), 1),
        (redis.exceptions.ReadOnlyError("READONLY"), 1),
        (redis.exceptions.ConnectionError("refused"), 2),
        (redis.exceptions.TimeoutError("nothing"), 2),
    ],
)
def test_error_of_redis_has_the_status_of_its_cause(error: Exception, status: int) -> None:
    with pytest.raises(BusError) as raised, translated():
        raise error
    assert exit_status_of(raised.value) == status


@pytest.mark.parametrize(
    "words",
    [
        ["positions"],
        ["positions", "--json"],
        ["positions", "--as-of", "2026-01-02"],
        ["positions", "--diff", "2026-01-01", "2026-01-02"],
        ["report", "--date", "2026-01-02"],
    ],
    ids=" ".join,
)
def test_command_on_a_lake_without_rows_cannot_know(lake: Lake, words: list[str]) -> None:
    assert_cannot_know(lake, words, "nothing has landed yet")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["positions", "--as-of", "2999-01-01"], "in the future"),
        (["positions", "--as-of", "2001-01-01"], "before the first row"),
        (["positions", "--account", "DU999"], "no row names account"),
        (["history", "999999"], "no row names contract 999999"),
        (["report", "--date", "2999-01-01"], "has not begun"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_command_on_a_lake_with_rows_cannot_know(
    lake: Lake, words: list[str], message: str
) -> None:
    row = position_row(position(1, account="DU1"), None, source="batch")
    append_rows(lake, POSITION_UPDATES.name, to_batch([row], POSITION_UPDATES.sent))
    assert_cannot_know(lake, words, message)


def test_status_without_redis_is_unknown(lake: Lake, tmp_path: Path) -> None:
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1/0", "SLOTWISE_LAKE": lake.address}
    for command in ("status", "doctor"):
        answer = run_command(command, env={**os.environ, **nowhere}, cwd=tmp_path)
        assert answer.returncode == 2
        assert "Redis does not answer" in " ".join(answer.stdout.split())


def test_lines_without_a_connection_keeps_the_legs_and_says_what_they_wait_for(bus: Bus) -> None:
    """What waited in the queue before waits for the connection too: each is named once."""
    leg = LegStatus(con_id=7, label="SPY 20261218 P 560", strategies=("condor",), state="unseen")
    status = GatewayStatus(
        at=datetime.now(UTC), session="waiting to reconnect", detail="refused", limit=100,
        lines={}, waiting=[7], quotes_in_flight=0, positions=1, polled_at=None,
        connected_at=None, ticks=0, handler_errors={}, legs=(leg,),
    )  # fmt: skip
    StatusBoard(bus).put(status)
    env = {**os.environ, "REDIS_URL": bus.url, "SLOTWISE_KEY_PREFIX": bus.prefix}
    answer = run_command("lines", env=env)
    assert answer.returncode == 0, answer.stderr
    assert "0 of 100 lines held, 1 waiting for the connection" in answer.stdout
    assert answer.stdout.count("SPY 20261218 P 560") == 1
    assert "waits for the connection" in answer.stdout
    assert "place" not in answer.stdout


def test_lines_of_a_gateway_that_hangs_are_shown_with_status_2(bus: Bus) -> None:
    """What was known stays on screen; what holds now cannot be known."""
    leg = LegStatus(con_id=7, label="SPY 20261218 P 560", strategies=("condor",))
    status = GatewayStatus(
        at=datetime.now(UTC), session="ready", detail="", limit=100,
        lines={7: ("SPY 20261218 P 560", "condor")}, waiting=[], quotes_in_flight=0, positions=1,
        polled_at=None, connected_at=datetime.now(UTC), ticks=9, handler_errors={}, legs=(leg,),
    )  # fmt: skip
    StatusBoard(bus).put(status)
    # As if it was put 30 s ago.
    bus.redis.expire(bus.key("status", "GatewayStatus"), STATUS_TTL_S - 30)
    env = {**os.environ, "REDIS_URL": bus.url, "SLOTWISE_KEY_PREFIX": bus.prefix}
    answer = run_command("lines", env=env)
    assert answer.returncode == 2
    assert "SPY 20261218 P 560" in answer.stdout
    assert "the gateway has been silent for 30 s" in answer.stderr


WITNESS = WitnessStatus(
    asked=True, compared=190, standing=1, found={"stale": 3},
    shown=(
        Disagreement(
            con_id=7, label="SPY 20261218 P 560", cause="stale", theirs=2.5, ours=1.9, band=0.05,
            at=datetime.now(UTC),
        ),
    ),
)  # fmt: skip


def test_lines_says_what_is_left_to_quotes_and_how_long_they_take(bus: Bus) -> None:
    settle = SettleStatus(
        kind="OPT", way="stream", quotes=1900, median_s=0.62, p95_s=1.1, complete=0.97, last="delta"
    )
    status = GatewayStatus(
        at=datetime.now(UTC), session="ready", detail="", limit=100, lines={}, waiting=[],
        quotes_in_flight=2, positions=1, polled_at=None, connected_at=datetime.now(UTC), ticks=0,
        handler_errors={}, kept_for_quotes=2,
        rotation=RotationStatus(contracts=180, settle=(settle,)), witness=WITNESS,
    )  # fmt: skip
    StatusBoard(bus).put(status)
    env = {**os.environ, "REDIS_URL": bus.url, "SLOTWISE_KEY_PREFIX": bus.prefix}
    answer = run_command("lines", env=env)
    assert answer.returncode == 0, answer.stderr
    words = " ".join(answer.stdout.split())
    assert "0 of 100 lines held (2 left to quotes in turn)" in words
    assert "OPT by stream: 0.62 s, 95% within 1.10 s, delta came last mostly" in words
    assert "97% of 1,900 quotes complete" in words
    assert "marks of IB: 190 compared, 1 disagree now; found since the start: 3 stale" in words
    assert "SPY 20261218 P 560: stale; IB says 2.5, the mark is 1.9 +- 0.05" in words
