"""What is planned happens once, in order, and not after it was called off."""

from __future__ import annotations

import pytest

from workers.simulator.desks.agenda import Agenda


def test_what_is_due_happens_in_order_and_what_is_not_waits() -> None:
    """By time, then by when it was planned."""
    agenda, done = Agenda(), list[str]()
    for due, name in ((3.0, "c"), (1.0, "a"), (1.0, "b"), (9.0, "d")):
        agenda.at(due, lambda now, name=name: done.append(name))
    agenda.run(3.0)
    assert done == ["a", "b", "c"]
    assert agenda.next_due == 9.0


def test_what_was_called_off_does_not_happen() -> None:
    """And is no reason to wake up."""
    agenda, done = Agenda(), list[float]()
    agenda.at(1.0, done.append).call_off()
    assert agenda.next_due is None
    agenda.run(2.0)
    assert done == []


def test_what_plans_itself_for_now_happens_in_the_next_run() -> None:
    """So that no run goes on for ever."""
    agenda, done = Agenda(), list[float]()

    def again(now: float) -> None:
        done.append(now)
        agenda.at(now, again)

    agenda.at(1.0, again)
    agenda.run(1.0)
    agenda.run(1.5)
    assert done == [1.0, 1.5]


def test_an_action_that_fails_stops_only_itself() -> None:
    """The others happen in the next run."""
    agenda, done = Agenda(), list[float]()

    def fail(now: float) -> None:
        agenda.at(now, done.append)
        raise ZeroDivisionError

    agenda.at(1.0, fail)
    agenda.at(1.0, done.append)
    with pytest.raises(ZeroDivisionError):
        agenda.run(1.0)
    agenda.run(2.0)
    assert done == [2.0, 2.0]
