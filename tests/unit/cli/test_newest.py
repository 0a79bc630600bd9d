"""Readings go on in a thread; a slow one blocks no caller, and a failure is not hidden."""

from __future__ import annotations

import threading

import pytest

from workers.screen.background_reader import Newest
from workers.stack.child import wait_until

#: A thread gets its turn within this on a busy machine, seconds.
TIMEOUT_S = 20.0


def pause(_: object) -> float:
    return 0.001


def test_the_newest_reading_is_given_at_once() -> None:
    numbers = iter(range(1_000_000))
    newest = Newest(lambda: next(numbers), pause, "numbers")
    try:
        assert wait_until(lambda: (newest.get() or 0) > 3, TIMEOUT_S)
    finally:
        newest.close()
        newest.join()
    last = newest.get()
    assert newest.get() == last


def test_a_reading_that_hangs_hides_nothing_and_can_be_left() -> None:
    go = threading.Event()
    newest = Newest(lambda: go.wait(TIMEOUT_S), pause, "hangs")
    assert newest.get() is None
    newest.close()
    go.set()
    newest.join()
    assert newest.get() is True


def test_what_a_reading_fails_of_is_raised_where_it_is_asked_for() -> None:
    def fails() -> int:
        raise ValueError("a mistake of ours")

    newest = Newest(fails, pause, "fails")
    newest.join()
    with pytest.raises(ValueError, match="a mistake of ours"):
        newest.get()


def test_a_reading_says_how_long_it_will_do() -> None:
    asked: list[str] = []

    def pause_s(value: str) -> float:
        asked.append(value)
        return 0.001

    newest = Newest(lambda: "found", pause_s, "pauses")
    try:
        assert wait_until(lambda: len(asked) > 1, TIMEOUT_S)
    finally:
        newest.close()
        newest.join()
    assert set(asked) == {"found"}
