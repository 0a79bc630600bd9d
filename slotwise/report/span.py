"""A day as a span of time: from midnight to midnight of one zone, in buckets of equal length."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from slotwise.errors import InputError, NotKnownError
from slotwise.parse_time import read_zone

#: Length of the steps in which a day is drawn: 288 of them, about one for each pixel of a
#: telephone, and longer than a beat and than any poll.
BUCKET = timedelta(minutes=5)
#: Hours between two marks of the clock, so that their names do not touch on a telephone.
MARKS_H = 4
#: The same where pictures show no more than this.
SHORT, SHORT_MARKS_H = timedelta(hours=12), 2


class Span(msgspec.Struct, frozen=True):
    """Hold one day of a zone; its record ends at `until`, before `end` while it goes on.

    Pictures show the part from `shown_from` to `shown_to`; all of it where they are None.
    """

    day: date
    zone: str
    begin: datetime
    end: datetime
    until: datetime
    shown_from: datetime | None = None
    shown_to: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Return whether the day had ended when it was looked at."""
        return self.until >= self.end

    @property
    def axis(self) -> tuple[datetime, datetime]:
        """Return the part of the day that pictures show."""
        return self.shown_from or self.begin, self.shown_to or self.end

    def fraction(self, at: datetime) -> float:
        """Return where a time is in pictures: 0 where they begin, 1 where they end."""
        begin, end = self.axis
        return (at - begin) / (end - begin)

    def shows(self, begin: datetime, end: datetime) -> bool:
        """Return whether pictures show a part of the time between."""
        first, last = self.axis
        return end >= first and begin <= last

    def bucket_begin(self, bucket: int) -> datetime:
        """Return when a bucket begins; the first has number 0."""
        return self.begin + bucket * BUCKET

    def local(self, at: datetime) -> datetime:
        """Return a time in the day's zone."""
        return at.astimezone(ZoneInfo(self.zone))

    def buckets(self) -> int:
        """Count the buckets of the record; the last may be cut short."""
        return -((self.begin - self.until) // BUCKET)

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Return hours of the zone's clock, each with its place in pictures."""
        zone, (begin, end) = ZoneInfo(self.zone), self.axis
        step = MARKS_H if end - begin > SHORT else SHORT_MARKS_H
        hours = [datetime.combine(self.day, time(h), zone) for h in range(0, 24, step)]
        named = [
            (self.fraction(at.astimezone(UTC)), f"{at:%H:%M}")
            for at in hours
            if begin <= at.astimezone(UTC) <= end
        ]
        return (*named, (1.0, "24:00")) if end == self.end else tuple(named)


def day_span(day: date | None, zone: str, now: datetime) -> Span:
    """Make the span of a day, of today where none is named.

    Raises InputError for an unknown zone, NotKnownError for a day that has not begun.
    """
    clock = read_zone(zone)
    today = now.astimezone(clock).date()
    day = day or today
    if day > today:
        raise NotKnownError(f"{day} has not begun in {zone}: today is {today}")
    try:
        begin, end = (
            datetime.combine(midnight, time(), clock).astimezone(UTC)
            for midnight in (day, day + timedelta(days=1))
        )
    except OverflowError as error:
        raise InputError(f"{day} is no day of this calendar in {zone}") from error
    return Span(day, zone, begin, end, min(end, now))
