"""The clock of marks grows evenly, however the machine's is set."""

from __future__ import annotations

from datetime import timedelta

from tests.support.values import NOON, at
from workers.gateway.marks.steady_time import SteadyTime


class Clocks:
    """A counter, and a clock that is set by hand."""

    def __init__(self) -> None:
        self.counted, self.wall = 77.0, NOON.timestamp()
        self.steady = SteadyTime(lambda: self.counted, lambda: self.wall)

    def go(self, seconds: float) -> None:
        self.counted += seconds
        self.wall += seconds


def test_times_are_those_of_the_machine_while_its_clock_is_not_set() -> None:
    clocks = Clocks()
    clocks.go(30)
    assert clocks.steady.now() == at(30).timestamp()
    assert clocks.steady.of(at(10)) == at(10).timestamp()
    assert clocks.steady.moment(at(20).timestamp()) == at(20)


def test_an_hour_that_is_put_back_makes_nothing_older() -> None:
    clocks = Clocks()
    clocks.go(30)
    before = clocks.steady.now()
    clocks.wall -= 3600
    clocks.go(1)
    assert clocks.steady.now() == before + 1
    assert clocks.steady.moment(before) == at(30) - timedelta(hours=1)
    assert clocks.steady.now() - clocks.steady.of(at(31) - timedelta(hours=1, seconds=5)) == 5
