"""`slotwise queue`: what a person sees and does about items that failed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.status import QueueStatus, StatusBoard
from slotwise.lake.lander import Lander
from slotwise.lake.store import Lake
from slotwise.rules.landing import Answered, Inserted, Leased
from slotwise.rules.position_queue import Batch
from tests.support.command_process import run_command
from tests.support.values import NOON, at, attempt, item
from workers.screen.sections import queue as queue_section


@pytest.fixture
def failed(tmp_path: Path, redis_url: str, key_prefix: str) -> tuple[Lander, dict[str, str]]:
    """A lake with two items that failed for good and one that waits."""
    bus = Bus(redis_url, key_prefix)
    stream = LandingStream(bus)
    lake = Lake(str(tmp_path / "lake"))
    lake.create()
    lander = Lander(lake, stream, max_attempts=1)
    stream.append(Inserted((item(1), item(2), item(3)), NOON))
    stream.append(Leased((), (Batch("b", NOON, at(20), (item(1), item(2))),), NOON))
    stream.append(Answered(attempt("b"), (), (("i1", "not held"), ("i2", "too large"))))
    lander.land(at(5))
    env = {
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
    }
    return lander, env


def slotwise(env: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return run_command(*args, env={**os.environ, **env})


def test_failed_items_are_shown_and_put_back(failed: tuple[Lander, dict[str, str]]) -> None:
    lander, env = failed
    shown = slotwise(env, "queue")
    assert "3 inserted, 0 landed, 2 failed, 1 not ended" in shown.stdout
    dead = json.loads(slotwise(env, "queue", "dead", "--json").stdout)
    assert {row["item_id"]: row["error"] for row in dead} == {"i1": "not held", "i2": "too large"}
    put_back = slotwise(env, "queue", "retry", "i2")
    assert put_back.stdout.startswith("1 item put back"), put_back.stderr
    lander.land(at(10))
    assert sorted(lander.queue(at(11)).item_ids()) == ["i2", "i3"]
    dead = json.loads(slotwise(env, "queue", "dead", "--json").stdout)
    assert [row["item_id"] for row in dead] == ["i1"]
    assert slotwise(env, "queue", "retry", "--all").returncode == 0
    lander.land(at(20))
    assert sorted(lander.queue(at(21)).item_ids()) == ["i1", "i2", "i3"]


def test_what_cannot_be_put_back_gets_one_line(failed: tuple[Lander, dict[str, str]]) -> None:
    _, env = failed
    for args, word in ((["i9"], "i9"), ([], "--all"), (["i1", "--all"], "--all")):
        ended = slotwise(env, "queue", "retry", *args)
        assert ended.returncode == 1
        (line,) = ended.stderr.splitlines()
        assert word in line


def test_entries_set_aside_are_shown_and_sent_again(failed: tuple[Lander, dict[str, str]]) -> None:
    lander, env = failed
    bus = Bus(env["SLOTWISE_REDIS_URL"], env["SLOTWISE_KEY_PREFIX"])
    stream = LandingStream(bus)
    stream.append_raw(b"\xc1", None)
    lander.land(at(30))
    shown = slotwise(env, "queue", "aside")
    assert "cannot be read" in shown.stdout
    assert "1 entry could not land" in shown.stdout
    assert "1 entry sent again" in slotwise(env, "queue", "aside", "--put-back").stdout
    lander.land(at(40))
    # It is as broken as before, so it is set aside again, under another offset.
    [again] = json.loads(slotwise(env, "queue", "aside", "--json").stdout)
    assert "cannot be read" in again["reason"]


def test_an_empty_queue_has_no_oldest_item(
    failed: tuple[Lander, dict[str, str]], redis_url: str, key_prefix: str
) -> None:
    """What waits has its age, and the last landing its time."""
    _, env = failed
    status = QueueStatus(
        at=NOON, waiting=0, leased=0, batches=0, oldest_s=0.0, landed_rows=1_234,
        landing_entries=2, commit_ms=40.0,
    )  # fmt: skip
    waiting = msgspec.structs.replace(status, waiting=1_200, oldest_s=7.0)
    board = StatusBoard(Bus(redis_url, key_prefix))
    board.put(status)
    shown = slotwise(env, "queue").stdout
    assert "now: 0 waiting, 0 leased to 0 batches\n" in shown
    assert "2 entries to land; the last one at 12:00:00 UTC, 1,234 rows in 40 ms" in shown
    board.put(waiting)
    aged = "1,200 waiting, 0 leased to 0 batches, the oldest for 7 s"
    assert aged in slotwise(env, "queue").stdout
    for one, is_aged in ((status, False), (waiting, True)):
        assert ("the oldest 7 s" in queue_section(one, 0, NOON, 80).rows[0].plain) == is_aged
        assert ("oldest" in queue_section(one, 0, NOON, 80).rows[0].plain) == is_aged
