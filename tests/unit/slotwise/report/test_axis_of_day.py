"""Pictures of a day show its sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from slotwise.lake.contract_rows import contract_row
from slotwise.lake.store import Lake
from slotwise.report.axis_of_day import HOUR, ROOM, WORTH, fit_axis, with_axis
from slotwise.report.over_day import curve
from slotwise.report.span import Span, day_span
from tests.support.landed import put
from tests.support.values import NOON, at, contract, known

#: The session of New York on the day of the tests, UTC.
OPEN, CLOSE = at(1.5 * 3600), at(8 * 3600)
SPAN = day_span(NOON.date(), "UTC", at(86_400))


def test_the_axis_is_the_sessions_with_room_in_whole_hours(lake: Lake) -> None:
    details = known(contract(1), time_zone="US/Eastern", liquid_hours="20260601:0930-20260601:1600")
    put(lake, "contracts", [contract_row(details)], NOON)
    found = with_axis(lake, SPAN)
    assert found.axis == (at(3600), at(9 * 3600))
    assert found.marks() == ((1 / 8, "14:00"), (3 / 8, "16:00"), (5 / 8, "18:00"), (7 / 8, "20:00"))
    assert (found.begin, found.end) == (SPAN.begin, SPAN.end)


def test_without_known_sessions_it_is_the_whole_day(lake: Lake) -> None:
    for zone, hours in (("US/Eastern", ""), ("Mars/Base", "20260601:0930-20260601:1600"),
                        ("US/Eastern", "20260604:0930-20260604:1600")):  # fmt: skip
        details = known(contract(1), time_zone=zone, liquid_hours=hours)
        put(lake, "contracts", [contract_row(details)], NOON)
    assert with_axis(lake, SPAN) == SPAN


def test_what_is_outside_is_not_drawn() -> None:
    shown = fit_axis(SPAN, [(OPEN, CLOSE)])
    drawn = curve(shown, [(at(0), 1.0), (at(7200), 2.0), (at(11 * 3600), 3.0)], "first")
    assert [step.value for step in drawn.steps] == [2.0]


@given(
    st.lists(
        st.tuples(st.integers(-2000, 2000), st.integers(1, 1500)).map(
            lambda pair: (at(pair[0] * 60), at((pair[0] + pair[1]) * 60))
        ),
        max_size=4,
    )
)
def test_every_session_of_the_day_is_on_the_axis(
    sessions: list[tuple[datetime, datetime]],
) -> None:
    span: Span = fit_axis(SPAN, sessions)
    begin, end = span.axis
    assert SPAN.begin <= begin < end <= SPAN.end
    assert (begin - SPAN.begin) % HOUR == (end - SPAN.begin) % HOUR == timedelta()
    for opens, closes in sessions:
        if opens < SPAN.end and closes > SPAN.begin:
            assert begin <= max(opens - ROOM, SPAN.begin)
            assert end >= min(closes + ROOM, SPAN.end)
    if span.shown_from is not None:
        assert end - begin <= WORTH
