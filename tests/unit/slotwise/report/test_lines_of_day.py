"""Line usage and blindness of a day, read from `line_events`."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from slotwise.lake.store import Lake
from slotwise.report.day import LineBucket
from slotwise.report.lines_of_day import LandedEvent, lines_of_day, usage
from slotwise.report.span import BUCKET, Span, day_span
from slotwise.rules.data_gaps import LineEventName
from tests.support.day_rows import line_event
from tests.support.landed import put
from tests.support.values import NOON, at

EVENTS = "line_events"


def bucket_at(buckets: tuple[LineBucket, ...], when: datetime) -> LineBucket:
    [found] = [one for one in buckets if one.begin <= when < one.begin + BUCKET]
    return found


def test_each_bucket_has_the_most_lines_held_in_it(lake: Lake, span: Span) -> None:
    reported = [
        line_event(1, "opened", at(0), 1),
        line_event(2, "opened", at(1), 2),
        line_event(2, "closed", at(2), 1),
        line_event(1, "closed", at(900), 0, allowed=60),
    ]
    put(lake, EVENTS, reported)
    found = lines_of_day(lake, span)
    assert found.events == 4
    assert found.buckets[0] == LineBucket(NOON, 2, 100), "nothing is known before"
    assert bucket_at(found.buckets, at(300)) == LineBucket(at(300), 1, 100)
    assert bucket_at(found.buckets, at(900)) == LineBucket(at(900), 1, 60), "held until then"
    assert found.buckets[-1].held == 0


def test_a_day_begins_with_what_the_days_before_left(lake: Lake) -> None:
    put(lake, EVENTS, [line_event(1, "opened", at(0), 1), line_event(1, "first_tick", at(1), 7)])
    after = day_span((NOON + timedelta(days=3)).date(), "UTC", at(4 * 86_400))
    found = lines_of_day(lake, after)
    assert (found.events, found.blind) == (0, ())
    assert {bucket.held for bucket in found.buckets} == {7}
    assert len(found.buckets) == after.buckets()


def test_what_comes_after_the_day_is_not_reported(lake: Lake, span: Span) -> None:
    put(lake, EVENTS, [line_event(1, "opened", at(86_400), 1)])
    found = lines_of_day(lake, span)
    assert (found.events, found.buckets, found.blind) == (0, (), ())


def test_lines_that_are_lost_are_held_until_the_gateway_noticed(lake: Lake, span: Span) -> None:
    """Their rows carry the last tick, here an hour before; they landed when they were lost."""
    reported = [line_event(n, "opened", at(-7200 + n), n) for n in (1, 2)]
    ticks = [line_event(n, "first_tick", at(-3600 + n), 2) for n in (1, 2)]
    put(lake, EVENTS, reported + ticks, at(-3590))
    lost = [line_event(1, "lost", at(-3000), 0), line_event(2, "lost", at(-2500), 0)]
    put(lake, EVENTS, lost, at(600))
    found = lines_of_day(lake, span)
    assert bucket_at(found.buckets, at(0)).held == 2
    assert bucket_at(found.buckets, at(900)).held == 0
    assert [one.times[-1].begin for one in found.blind] == [at(-3000), at(-2500)]


def test_a_line_that_came_back_was_lost_before_however_late_it_landed(span: Span) -> None:
    events = [
        line_event(1, "opened", at(-100), 1),
        line_event(1, "lost", at(0), 0),
        line_event(1, "opened", at(400), 1),
    ]
    buckets = usage([LandedEvent(event, at(3600)) for event in events], span)
    assert buckets[-1].held == 1


def test_of_lines_lost_together_the_fewest_left_are_the_last(span: Span) -> None:
    """Whichever of them ticked last."""
    lost = [line_event(1, "lost", at(9), 2), line_event(2, "lost", at(8), 1),
            line_event(3, "lost", at(7), 0)]  # fmt: skip
    buckets = usage([LandedEvent(event, at(10)) for event in lost], span)
    assert buckets[-1].held == 0


def test_blind_times_are_cut_to_the_day(lake: Lake, span: Span) -> None:
    """What began before, what goes on, and what was over before it."""
    day = 86_400
    reported = [
        line_event(1, "opened", at(-2 * day)),
        line_event(1, "first_tick", at(-2 * day + 1)),
        line_event(1, "lost", at(-day), reason="TWS notice 1100"),
        line_event(1, "returned", at(0)),
        line_event(2, "waits", at(60), reason="100 of 100 held"),
        line_event(3, "opened", at(5)),
        line_event(3, "first_tick", at(6)),
    ]
    put(lake, EVENTS, reported)
    first, second, third = lines_of_day(lake, span).blind
    [one], [two], [three] = first.times, second.times, third.times
    assert [first.con_id, second.con_id, third.con_id] == [1, 2, 3], "the longest first"
    assert (one.begin, one.end, one.began_before, one.goes_on) == (span.begin, NOON, True, False)
    assert (one.event, one.reason) == ("lost", "TWS notice 1100")
    assert (two.begin, two.end, two.goes_on) == (at(60), span.end, True)
    assert (second.symbol, second.seconds) == ("S2", 43_140.0)
    assert (three.begin, three.end, three.seconds) == (at(5), at(6), 1.0)


def test_a_gap_that_ends_after_the_day_goes_on_in_it(lake: Lake) -> None:
    put(lake, EVENTS, [line_event(1, "waits", at(0)), line_event(1, "closed", at(120))])
    [one] = lines_of_day(lake, day_span(None, "UTC", at(60))).blind
    assert (one.times[0].end, one.times[0].goes_on) == (at(60), True)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["opened", "first_tick", "closed", "gave_way"]),
            st.integers(-40_000, 50_000),
            st.integers(0, 100),
        ),
        max_size=20,
        unique_by=lambda event: event[1],
    )
)
def test_usage_is_the_most_of_what_holds_at_any_second(
    reported: list[tuple[LineEventName, int, int]],
) -> None:
    """Recounted, for each bucket, from what was held at its begin and every change in it."""
    span = day_span(NOON.date(), "UTC", at(86_400))
    landed = [LandedEvent(line_event(1, name, at(s), held), at(s)) for name, s, held in reported]
    found = {bucket.begin: bucket.held for bucket in usage(landed, span)}
    changes = sorted((at(second), held) for _, second, held in reported)
    for number in range(span.buckets()):
        begin = span.bucket_begin(number)
        before = [held for when, held in changes if when < begin]
        within = [held for when, held in changes if begin <= when < begin + BUCKET]
        expected = max([*before[-1:], *within], default=None)
        assert found.get(begin) == expected
