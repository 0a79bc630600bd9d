"""What is planned happens once, in order, and not after it was called off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tws_simulator.services.common.scheduler import Scheduler


def noting(done: list[str], name: str) -> Callable[[float], None]:
    return lambda now: done.append(name)


def test_what_is_due_happens_in_order_and_what_is_not_waits() -> None:
    """By time, then by when it was planned."""
    scheduler, done = Scheduler(), list[str]()
    for due, name in ((3.0, "c"), (1.0, "a"), (1.0, "b"), (9.0, "d")):
        scheduler.at(due, noting(done, name))
    scheduler.run(3.0)
    assert done == ["a", "b", "c"]
    assert scheduler.next_due == 9.0


def test_what_was_called_off_does_not_happen() -> None:
    """And is no reason to wake up."""
    scheduler, done = Scheduler(), list[float]()
    scheduler.at(1.0, done.append).call_off()
    assert scheduler.next_due is None
    scheduler.run(2.0)
    assert done == []


def test_what_plans_itself_for_now_happens_in_the_next_run() -> None:
    """So that no run goes on without end."""
    scheduler, done = Scheduler(), list[float]()

    def again(now: float) -> None:
        done.append(now)
        scheduler.at(now, again)

    scheduler.at(1.0, again)
    scheduler.run(1.0)
    scheduler.run(1.5)
    assert done == [1.0, 1.5]


def test_an_action_that_fails_stops_only_itself() -> None:
    """The others happen in the next run."""
    scheduler, done = Scheduler(), list[float]()

    def fail(now: float) -> None:
        scheduler.at(now, done.append)
        raise ZeroDivisionError

    scheduler.at(1.0, fail)
    scheduler.at(1.0, done.append)
    with pytest.raises(ZeroDivisionError):
        scheduler.run(1.0)
    scheduler.run(2.0)
    assert done == [2.0, 2.0]
