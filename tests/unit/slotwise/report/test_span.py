"""A day from midnight to midnight of its zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from slotwise.errors import InputError, NotKnownError
from slotwise.report.span import BUCKET, day_span
from tests.support.values import NOON, at

LATER = datetime(2027, 1, 1, tzinfo=UTC)


def test_today_is_reported_until_now() -> None:
    span = day_span(None, "UTC", NOON)
    assert (span.day, span.until, span.is_over) == (NOON.date(), NOON, False)
    assert (span.fraction(NOON), span.buckets()) == (0.5, 144)


def test_today_is_the_day_of_the_zone() -> None:
    evening = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)
    assert day_span(None, "America/New_York", evening).day == date(2026, 6, 1)
    assert day_span(None, "UTC", evening).day == date(2026, 6, 2)


def test_a_day_that_is_over_is_reported_as_a_whole() -> None:
    span = day_span(NOON.date(), "UTC", LATER)
    assert span.is_over
    assert span.end - span.begin == timedelta(days=1)
    assert span.buckets() * BUCKET == timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "hours", "eight"), [(date(2026, 3, 8), 23, 7), (date(2026, 11, 1), 25, 9)]
)
def test_the_clock_changes_within_a_day(day: date, hours: int, eight: int) -> None:
    """When it strikes eight, an hour less or more has passed."""
    span = day_span(day, "America/New_York", LATER)
    assert span.end - span.begin == timedelta(hours=hours)
    marks = {name: place for place, name in span.marks()}
    assert marks["00:00"] == 0
    assert marks["08:00"] == pytest.approx(eight / hours)
    assert marks["24:00"] == 1


def test_the_last_bucket_may_be_cut_short() -> None:
    assert day_span(None, "UTC", at(1)).buckets() == 145


@pytest.mark.parametrize(
    ("day", "zone", "error", "word"),
    [
        (date(2026, 6, 2), "UTC", NotKnownError, "not begun"),
        (None, "America/Nowhere", InputError, "Nowhere"),
        (None, "../etc/passwd", InputError, "zone"),
        (None, "", InputError, "zone"),
        (date(1, 1, 1), "Asia/Tokyo", InputError, "calendar"),
    ],
)
def test_what_is_no_day_is_reported(
    day: date | None, zone: str, error: type[Exception], word: str
) -> None:
    with pytest.raises(error, match=word):
        day_span(day, zone, NOON)
