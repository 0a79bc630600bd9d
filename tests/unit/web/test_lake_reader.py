"""The lake is read beside the frames: no frame waits for it, and it is read seldom."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.support.values import NOON
from workers.screen.facts import LakeFacts
from workers.stack.child import wait_until
from workers.web.lake_reader import LAKE_S, LakeReader


class SlowLake:
    """A lake that answers when it is let."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked = 0
        self.now = 0.0
        self.reader = LakeReader(self.read, lambda: self.now)

    def read(self) -> LakeFacts:
        self.asked += 1
        number = self.asked
        assert self.may_answer.wait(10)
        return LakeFacts(read_at=NOON, set_aside=number)


@pytest.fixture
def lake() -> Iterator[SlowLake]:
    made = SlowLake()
    yield made
    made.may_answer.set()
    made.reader.close()


def test_what_is_known_is_returned_at_once(lake: SlowLake) -> None:
    assert lake.reader.get() is None
    lake.may_answer.set()
    assert wait_until(lambda: lake.reader.get() is not None, 5)


def test_lake_is_read_again_when_what_is_known_is_old(lake: SlowLake) -> None:
    lake.may_answer.set()
    assert wait_until(lambda: lake.reader.get() is not None, 5)
    lake.now += LAKE_S - 1
    lake.reader.get()
    assert lake.asked == 1
    lake.now += 1

    def is_second() -> bool:
        facts = lake.reader.get()
        return facts is not None and facts.set_aside == 2

    assert wait_until(is_second, 5)


def test_one_reading_is_under_way_at_a_time(lake: SlowLake) -> None:
    for _ in range(5):
        lake.reader.get()
        lake.now += LAKE_S
    assert lake.asked <= 1


def test_reading_that_fails_is_raised_once_and_tried_again() -> None:
    answers = iter((RuntimeError("a fault"), LakeFacts(read_at=NOON)))

    def read() -> LakeFacts:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    now = 0.0
    reader = LakeReader(read, lambda: now)

    def fails() -> bool:
        try:
            reader.get()
        except RuntimeError:
            return True
        return False

    assert wait_until(fails, 5)
    now += LAKE_S
    assert wait_until(lambda: reader.get() is not None, 5)
    reader.close()
