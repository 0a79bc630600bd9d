"""A line that says nothing is asked for again, sooner or later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.pulse import (
    LEAST_S,
    MOST_DOUBLINGS,
    MOST_S,
    SUSPECT_LEAST_S,
    SUSPECT_MOST_S,
    USUAL_TIMES,
    Pulse,
)


def ticking(every_s: float, times: int = 50) -> Pulse:
    """Make a line that ticks at a pace, last at 0."""
    pulse = Pulse(-every_s * times)
    for number in range(1, times + 1):
        pulse.heard(every_s * (number - times))
    return pulse


def test_a_busy_line_is_missed_within_seconds() -> None:
    pulse = ticking(0.25)
    assert not pulse.is_too_quiet(LEAST_S - 0.1)
    assert pulse.is_too_quiet(LEAST_S)


def test_a_quiet_line_is_given_its_usual_time() -> None:
    """An option that ticks every four seconds may be silent for 80."""
    assert ticking(4.0).patience_s() == USUAL_TIMES * 4.0


def test_a_line_that_never_spoke_is_asked_for_again() -> None:
    assert Pulse(0.0).is_too_quiet(LEAST_S)


def test_a_suspect_has_less_time_until_it_speaks() -> None:
    """After 1102 or 2104 each line has to show that it lives."""
    pulse = ticking(0.25)
    pulse.suspect(10.0)
    assert not pulse.is_too_quiet(10.0 + SUSPECT_LEAST_S - 0.1), "the outage counts no more"
    assert pulse.is_too_quiet(10.0 + SUSPECT_LEAST_S)
    pulse.heard(10.25)
    assert not pulse.is_too_quiet(10.25 + SUSPECT_LEAST_S)


def test_whoever_has_nothing_to_say_is_asked_less_and_less_often() -> None:
    """And as often as before once it ticks again."""
    pulse, now, waits = ticking(0.25), 0.0, []
    for _ in range(MOST_DOUBLINGS + 2):
        waits.append(pulse.patience_s())
        now += waits[-1]
        pulse.asked_again(now)
    assert waits[:3] == [LEAST_S, 2 * LEAST_S, 4 * LEAST_S]
    assert waits[-1] == waits[-2] == LEAST_S * 2**MOST_DOUBLINGS
    pulse.heard(now + 0.3)
    assert pulse.patience_s() > LEAST_S, "the first ticks come with every opening"
    pulse.heard(now + 0.6)
    assert pulse.patience_s() == LEAST_S


@given(st.lists(st.floats(0.0, 1000.0), max_size=60), st.booleans())
def test_no_silence_lasts_for_ever(gaps: list[float], suspected: bool) -> None:
    """Whatever a line's pace was, its patience has bounds."""
    pulse, now = Pulse(0.0), 0.0
    for gap in gaps:
        now += gap
        pulse.heard(now)
    if suspected:
        pulse.suspect(now)
    least, most = (SUSPECT_LEAST_S, SUSPECT_MOST_S) if suspected else (LEAST_S, MOST_S)
    assert least <= pulse.patience_s() <= most
    assert pulse.is_too_quiet(now + most + 1e-6)
