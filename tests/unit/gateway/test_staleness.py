"""A line that says nothing is asked for again, sooner or later."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from workers.gateway.lines.staleness import (
    CHECKED_LEAST_S,
    CHECKED_MOST_S,
    LEAST_S,
    MOST_DOUBLINGS,
    MOST_S,
    RETRY_S,
    SETTLES_S,
    USUAL_TIMES,
    Staleness,
    is_fresh,
)


def ticking(every_s: float, times: int = 120) -> Staleness:
    """Make a line that ticks at a pace, last at 0."""
    staleness = Staleness(-every_s * times)
    for number in range(1, times + 1):
        staleness.heard(every_s * (number - times))
    return staleness


def test_a_busy_line_is_missed_within_seconds() -> None:
    staleness = ticking(0.25)
    assert not staleness.is_too_quiet(LEAST_S - 0.1)
    assert staleness.is_too_quiet(LEAST_S)


def test_a_quiet_line_is_given_its_usual_time() -> None:
    """An option that ticks every four seconds may be silent for 80."""
    assert ticking(4.0).silence_limit_s() == USUAL_TIMES * 4.0


def test_a_line_that_never_spoke_is_asked_for_again() -> None:
    assert Staleness(0.0).is_too_quiet(LEAST_S)


def test_a_suspect_has_less_time_until_it_speaks() -> None:
    """After 1102 or 2104 each line has to show that it lives."""
    staleness = ticking(0.25)
    staleness.check_from(10.0)
    assert not staleness.is_too_quiet(10.0 + CHECKED_LEAST_S - 0.1), "the outage counts no more"
    assert staleness.is_too_quiet(10.0 + CHECKED_LEAST_S)
    staleness.heard(10.25)
    assert not staleness.is_too_quiet(10.25 + CHECKED_LEAST_S)


def test_a_line_that_was_asked_for_again_has_twice_the_patience() -> None:
    """Until its stream ticks again; the first ticks come with every opening."""
    staleness, now, waits = ticking(0.25), 0.0, []
    for _ in range(MOST_DOUBLINGS + 2):
        waits.append(staleness.silence_limit_s())
        now += waits[-1]
        staleness.asked_again(now)
        staleness.heard(now)
    assert waits[:3] == [LEAST_S, 2 * LEAST_S, 4 * LEAST_S]
    assert waits[-1] == waits[-2] == LEAST_S * 2**MOST_DOUBLINGS
    staleness.heard(now + SETTLES_S - 0.1)
    assert staleness.silence_limit_s() > LEAST_S
    staleness.heard(now + SETTLES_S + 0.1)
    assert staleness.silence_limit_s() == LEAST_S


@pytest.mark.parametrize("opens_with_prices", [True, False])
def test_a_line_that_was_asked_for_again_in_vain_is_left_alone(opens_with_prices: bool) -> None:
    """Whatever notices come, while no other of its kind ticks either: the outage is not over."""
    staleness = ticking(0.25)
    staleness.asked_again(20.0)
    if opens_with_prices:
        staleness.heard(20.1)
    for second in range(21, 200):
        staleness.check_from(float(second))
        assert not staleness.is_too_quiet(float(second), others_ticked_at=19.9)
    assert staleness.is_too_quiet(20.1 + RETRY_S)


def test_a_line_that_was_asked_for_again_is_doubted_where_others_tick_without_it() -> None:
    """Also where TWS says nothing at all."""
    staleness = ticking(0.25)
    staleness.asked_again(20.0)
    staleness.heard(20.1)
    assert not staleness.is_too_quiet(30.0 + 2 * LEAST_S - 0.1, others_ticked_at=30.0)
    assert staleness.is_too_quiet(30.0 + 2 * LEAST_S, others_ticked_at=44.0)


def test_a_notice_gives_a_silent_line_no_more_time() -> None:
    """Or a farm that flaps would keep every dead line from being found."""
    staleness = ticking(0.25)
    for second in range(60):
        staleness.check_from(float(second))
        if staleness.is_too_quiet(float(second)):
            break
    assert second < 5


def test_the_habit_of_a_line_that_bursts_is_that_of_its_calm() -> None:
    """Fifty ticks within seconds do not make a silence of half a minute suspicious."""
    staleness, now = Staleness(0.0), 0.0
    staleness.heard(now)
    for _ in range(20):
        for gap in (*[0.2] * 50, 30.0):
            now += gap
            assert not staleness.is_too_quiet(now)
            staleness.heard(now)
            staleness.check_from(now)


def test_a_night_is_no_habit() -> None:
    """Nor is the wait for the first tick after a market has opened."""
    staleness = ticking(0.25)
    staleness.rested(50_000.0)
    assert not staleness.is_too_quiet(50_000.0 + LEAST_S - 0.1)
    staleness.heard(50_010.0)
    assert staleness.silence_limit_s() == LEAST_S


@settings(max_examples=examples(30), deadline=None)
@given(
    pace_s=st.sampled_from([0.5, 5.0, 60.0, 400.0]),
    seed=st.integers(0, 10**6),
    start=st.integers(1, 12),
)
def test_a_living_line_is_never_too_quiet_by_its_own_habit(
    pace_s: float, seed: int, start: int
) -> None:
    """Ticks at random, after an opening in which several come at once; notices come all the time.

    Once in thousands of lines chance beats every rule, so that one of a hundred may be asked.
    """
    random, asked = Random(seed), 0
    for _ in range(100):
        staleness, now = Staleness(0.0), 0.0
        for _ in range(start):
            now += 0.2
            staleness.heard(now)
        for _ in range(60):
            gap = random.expovariate(1 / pace_s)
            staleness.check_from(now)
            asked += staleness.is_too_quiet(now + min(gap, MOST_S * 0.99))
            now += gap
            staleness.heard(now)
    assert asked <= 1


@given(st.lists(st.floats(0.0, 1000.0), max_size=60), st.booleans())
def test_no_silence_lasts_for_ever(gaps: list[float], suspected: bool) -> None:
    """Whatever a line's pace was, its patience has bounds."""
    staleness, now = Staleness(0.0), 0.0
    for gap in gaps:
        now += gap
        staleness.heard(now)
    if suspected:
        staleness.check_from(now)
    least, most = (CHECKED_LEAST_S, CHECKED_MOST_S) if suspected else (LEAST_S, MOST_S)
    assert least <= staleness.silence_limit_s() <= most
    assert staleness.is_too_quiet(now + most + 1e-6)


@given(st.lists(st.floats(0.0, 100.0), max_size=40), st.booleans(), st.floats(0.0, 60.0))
def test_a_line_that_has_just_ticked_is_neither_missed_nor_too_quiet(
    gaps: list[float], checked: bool, after_s: float
) -> None:
    staleness, now = Staleness(0.0), 0.0
    for gap in gaps:
        now += gap
        staleness.heard(now)
    if checked:
        staleness.recovered(now)
    now += after_s
    assert not is_fresh(staleness, now) or not (
        staleness.is_missed(now) or staleness.is_too_quiet(now, now)
    )


def test_a_line_that_was_asked_for_again_is_not_called_fresh() -> None:
    """It has to be noted when the others of its kind tick again."""
    staleness = ticking(0.25)
    assert is_fresh(staleness, 1.0)
    staleness.asked_again(1.0)
    assert not is_fresh(staleness, 1.5)
