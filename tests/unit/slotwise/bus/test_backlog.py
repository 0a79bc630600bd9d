"""Periodic messages: one of each waits, whatever becomes of the workers that took one."""

from __future__ import annotations

import json

import pytest

from slotwise.bus.asked import Asked
from slotwise.bus.backlog import Backlog
from slotwise.bus.client import Bus
from slotwise.bus.started import Started

TASK, QUEUE = "tasks.landing.land", "lake"


def send(bus: Bus, task: str) -> None:
    """Put a message into the queue as kombu writes it."""
    message = json.dumps({"body": "W10=", "headers": {"task": task, "id": "1"}})
    bus.redis.lpush(Backlog(bus).key(QUEUE), message)


def lapse(bus: Bus) -> None:
    """Let Redis forget what was noted, as after a long time."""
    bus.redis.delete(bus.key("periodic", TASK))


def test_what_waits_is_seen_however_long_it_waits(bus: Bus) -> None:
    backlog = Backlog(bus)
    send(bus, TASK)
    backlog.sent(TASK)
    assert backlog.waits(TASK, QUEUE)
    lapse(bus)
    assert backlog.waits(TASK, QUEUE)
    assert bus.redis.exists(bus.key("periodic", TASK)), "not looked for at each beat"


def test_what_was_begun_waits_no_more(bus: Bus) -> None:
    backlog = Backlog(bus)
    send(bus, "tasks.batches.dispatch")
    backlog.sent(TASK)
    backlog.taken(TASK)
    assert not backlog.waits(TASK, QUEUE)


def test_what_a_worker_took_that_died_is_sent_again(bus: Bus) -> None:
    """Other messages wait, its own is gone and was never begun."""
    send(bus, "tasks.batches.dispatch")
    Backlog(bus).sent(TASK)
    lapse(bus)
    assert not Backlog(bus).waits(TASK, QUEUE)


def test_an_empty_queue_holds_nothing(bus: Bus) -> None:
    Backlog(bus).sent(TASK)
    assert not Backlog(bus).waits(TASK, QUEUE)


def test_batches_that_were_begun_are_known(bus: Bus) -> None:
    started = Started(bus)
    started.mark("a")
    assert started.untouched(["a", "b"]) == {"b"}
    assert started.untouched([]) == set()


@pytest.mark.parametrize("ends", ["close", "time"])
def test_a_question_is_open_until_it_is_closed_or_its_time_is_over(bus: Bus, ends: str) -> None:
    asked = Asked(bus)
    asked.open("q", 60.0)
    assert asked.is_open("q")
    if ends == "close":
        asked.close("q")
    else:
        bus.redis.pexpire(bus.key("asked", "q"), 0)
    assert not asked.is_open("q")
