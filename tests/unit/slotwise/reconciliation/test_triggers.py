"""A reconciliation is due after a reconnection, and before the market opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from slotwise.reconciliation.triggers import NEW_YORK, connection, morning

MONDAY = datetime(2026, 11, 23, tzinfo=NEW_YORK)


def test_every_connection_is_an_occasion_of_its_own() -> None:
    at = datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert connection(None) is None
    assert connection(at) == connection(at)
    assert connection(at) != connection(at + timedelta(microseconds=1))


def test_a_quarter_of_an_hour_before_the_open_is_time() -> None:
    """By New York's clock, in winter and in summer."""
    for day in (MONDAY, datetime(2026, 7, 6, tzinfo=NEW_YORK)):
        early, due = day.replace(hour=9, minute=14), day.replace(hour=9, minute=15)
        assert morning(early.astimezone(UTC)) is None
        assert morning(due.astimezone(UTC)) == f"{day:%Y-%m-%d}"


@given(st.integers(0, 14 * 24 * 60))
def test_each_weekday_has_one_morning(minutes: int) -> None:
    at = MONDAY.astimezone(UTC) + timedelta(minutes=minutes)
    name = morning(at)
    there = at.astimezone(NEW_YORK)
    if name is not None:
        assert name == f"{there:%Y-%m-%d}"
        assert there.weekday() < 5
    else:
        assert there.weekday() >= 5 or there.hour < 10
