"""Statuses on our own clock: ages are right whatever the writer's clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.client import Bus
from slotwise.bus.status import BeatStatus, LakeStatus, LandingLine, StatusBoard
from slotwise.clocks import CLOCKS_DIFFER_S
from slotwise.rules.position_queue import PositionQueue
from tasks.queue_status import queue_status
from tests.support.values import NOON
from workers.screen.our_clock import READINGS, ClockReadings, on_our_clock
from workers.screen.readers import BusReader

HOURS_S = 12 * 3600.0


@given(ahead_s=st.floats(-HOURS_S, HOURS_S), age_s=st.floats(0, 60), before_s=st.floats(0, HOURS_S))
def test_ages_do_not_depend_on_the_clock_of_the_writer(
    ahead_s: float, age_s: float, before_s: float
) -> None:
    """A status that is so old, and names a time from so long before."""
    truly = NOON - timedelta(seconds=age_s)
    there = truly + timedelta(seconds=ahead_s)
    status = LakeStatus(at=there, since=there - timedelta(seconds=before_s))
    ours, ahead = on_our_clock(status, age_s, NOON)
    assert abs((NOON - ours.at).total_seconds() - age_s) <= CLOCKS_DIFFER_S + 1e-3
    assert ours.since is not None
    assert ours.at - ours.since == status.at - (status.since or status.at)
    if abs(ahead_s) > CLOCKS_DIFFER_S + 1e-3:
        assert abs(ahead.total_seconds() - ahead_s) < 1e-3
    else:
        assert not ahead or abs(ahead.total_seconds()) > CLOCKS_DIFFER_S


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_differs_is_noted_with_its_owner(bus: Bus, hours: float) -> None:
    StatusBoard(bus).put(BeatStatus(at=datetime.now(UTC) + timedelta(hours=hours)))
    read = BusReader(bus).read()
    assert read.beat is not None
    assert abs((datetime.now(UTC) - read.beat.at).total_seconds()) < 10
    assert read.clocks == {"beat": pytest.approx(hours * 3600, abs=10)}


@given(
    delays_s=st.lists(st.floats(0, 60), min_size=READINGS, max_size=10),
    ahead_s=st.floats(-HOURS_S, HOURS_S),
)
def test_a_process_that_is_held_up_is_no_clock_that_differs(
    delays_s: list[float], ahead_s: float
) -> None:
    """Each status is written so long after its time was taken; one of the last three was not."""
    delays_s[-2] = 0.0
    readings = ClockReadings()
    for number, delay_s in enumerate(delays_s):
        truly = NOON + timedelta(minutes=number)
        status = BeatStatus(at=truly + timedelta(seconds=ahead_s))
        _, ahead = on_our_clock(status, 0.0, truly + timedelta(seconds=delay_s))
        readings.note("beat", status.at, ahead)
    if abs(ahead_s) <= CLOCKS_DIFFER_S:
        assert readings.apart() == {}
    elif ahead_s < -CLOCKS_DIFFER_S - 1e-3:
        assert readings.apart() == {"beat": pytest.approx(ahead_s, abs=1e-3)}


def test_a_status_that_is_read_again_counts_once() -> None:
    """By the reading that was held up least."""
    readings = ClockReadings()
    for apart_s in (-30, -9, -20, -10):
        readings.note("beat", NOON, timedelta(seconds=apart_s))
    assert readings.apart() == {"beat": -9}
    readings.note("beat", NOON + timedelta(seconds=5), timedelta())
    assert readings.apart() == {}


def test_a_long_landing_is_no_clock_that_differs(bus: Bus) -> None:
    """What the lake worker says of the queue is of the landing's end."""
    began_at = datetime.now(UTC) - timedelta(seconds=9)
    landing = LandingLine(at=began_at, rows=1, ms=9000)
    StatusBoard(bus).put(queue_status(PositionQueue(), None, landing, 0))
    assert BusReader(bus).read().clocks == {}
