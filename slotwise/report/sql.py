"""Pieces of SQL that select a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from slotwise.lake.query_parts import timestamp
from slotwise.lake.writer import EPOCH
from slotwise.report.span import BUCKET, Span

#: Clocks of two machines differ by less: a row of this day is in no older folder than the day
#: before, whichever clock stamped it.
CLOCKS_DIFFER = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


def within(span: Span, column: str) -> str:
    """Return the condition that a column's time is within the day."""
    return f"{column} >= {timestamp(span.begin)} AND {column} < {timestamp(span.until)}"


def landed_since(at: datetime) -> str:
    """Return the condition that skips folders in which nothing landed since a time."""
    return f"date >= DATE '{(at - CLOCKS_DIFFER).date()}'"


def us(at: datetime) -> int:
    """Count a time's microseconds, as the lake keeps it."""
    return (at - EPOCH) // MICROSECOND


def us_of(column: str) -> str:
    """Count the microseconds of a column's time."""
    return f"arrow_cast({column}, 'Int64')"


def bucket_of(span: Span, column: str) -> str:
    """Number the bucket that a column's time is in."""
    return f"({us_of(column)} - {us(span.begin)}) / {BUCKET // MICROSECOND}"
