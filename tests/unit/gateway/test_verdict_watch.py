"""Handlers receive each change of the verdict's state, once, and that a verdict is too old."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import redis

from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard, VerdictStatus
from slotwise.errors import BusError
from slotwise.health.verdict.published import OLD_S
from tests.support.values import NOON
from workers.gateway.verdict_watch import LOOKS_S, VerdictWatch


class Desk:
    """A board with a real Redis behind it, and what was published of it."""

    def __init__(self, bus: Bus) -> None:
        self.board = StatusBoard(bus)
        self.now = NOON
        self.published: list[str] = []
        self.watch = VerdictWatch(
            self.board, lambda verdict: self.published.append(verdict.state), self._now
        )

    def _now(self) -> datetime:
        return self.now

    def put(self, state: str, sentence: str = "") -> None:
        self.board.put(VerdictStatus(at=self.now, standing="wrong", state=state, sentence=sentence))

    def look(self, after_s: float = 1.0) -> None:
        self.now += timedelta(seconds=after_s)
        self.watch.look()

    def fail(self, cause: Exception, after_s: float = 1.0) -> None:
        """Let a write of the gateway fail."""
        self.now += timedelta(seconds=after_s)
        error = BusError(str(cause))
        error.__cause__ = cause
        self.watch.failed(error)


def test_verdict_watch_publishes_each_change_of_the_state_once(bus: Bus) -> None:
    desk = Desk(bus)
    for state, sentence in (("a", "for 1 s"), ("a", "for 2 s"), ("b", ""), ("a", "")):
        desk.put(state, sentence)
        desk.look()
        desk.look()
    assert desk.published == ["a", "b", "a"]


def test_verdict_watch_publishes_nothing_without_a_monitor(bus: Bus) -> None:
    desk = Desk(bus)
    desk.look()
    assert desk.published == []


def test_verdict_watch_publishes_once_that_the_monitor_is_away(bus: Bus) -> None:
    desk = Desk(bus)
    desk.put("a")
    desk.look()
    desk.look(OLD_S)
    bus.clear()
    desk.look()
    assert desk.published == ["a", "monitor_away"]
    desk.put("a")
    desk.look()
    assert desk.published == ["a", "monitor_away", "a"]


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        (redis.exceptions.ReadOnlyError("You can't write against a read only replica."), "replica"),
        (redis.exceptions.OutOfMemoryError("command not allowed"), "memory"),
        (redis.exceptions.ConnectionError("refused"), "away"),
        (redis.exceptions.ResponseError("something new"), "away"),
    ],
)
def test_verdict_watch_names_why_redis_fails_and_not_the_monitor(
    bus: Bus, cause: Exception, state: str
) -> None:
    """The monitor cannot publish then, nor at once when Redis is back."""
    desk = Desk(bus)
    desk.put("a")
    desk.look()
    for _ in range(30):
        desk.fail(cause)
    assert desk.published == ["a", f"redis_{state}"]
    desk.look()
    desk.put("a")
    desk.look()
    assert desk.published == ["a", f"redis_{state}", "a"]
    desk.look(2 * OLD_S)
    assert desk.published[3:] == ["monitor_away"]


def test_verdict_watch_publishes_nothing_of_a_failure_that_is_short(bus: Bus) -> None:
    desk = Desk(bus)
    desk.put("a")
    desk.look()
    for _ in range(3):
        desk.fail(redis.exceptions.ConnectionError("refused"), 0.1)
        desk.fail(redis.exceptions.ConnectionError("refused"), LOOKS_S - 0.2)
        desk.put("a")
        desk.look(0.1)
    assert desk.published == ["a"]
