"""Trading hours as TWS writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import InputError
from slotwise.rules.trading_hours import read_hours

US = "20261123:0930-20261123:1600;20261124:0930-20261124:1600;20261125:CLOSED"


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """Name a moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "is_open", "change"),
    [
        (utc(23, 14, 29), False, utc(23, 14, 30)),
        (utc(23, 14, 30), True, utc(23, 21)),
        (utc(23, 21), False, utc(24, 14, 30)),
        (utc(24, 22), False, utc(26, 4, 59)),
        (utc(26, 5), True, utc(26, 4, 59)),
    ],
)
def test_sessions_open_and_close(now: datetime, is_open: bool, change: datetime) -> None:
    """New York is five hours behind; beyond the text's sessions everything counts as open."""
    hours = read_hours(US, "US/Eastern")
    assert (hours.is_open(now), hours.next_change(now)) == (is_open, change)


def test_a_session_over_midnight_is_one() -> None:
    """Futures open on Sunday evening."""
    hours = read_hours("20261122:1700-20261123:1600;20261123:1700-20261124:1600", "US/Central")
    assert hours.is_open(utc(23, 6))
    assert not hours.is_open(utc(23, 22, 30))


def test_an_end_without_its_day_is_on_the_day_of_the_begin() -> None:
    assert read_hours("20261123:0930-1600", "US/Eastern").is_open(utc(23, 15))


def test_names_of_zones_that_only_tws_uses_are_known() -> None:
    hours = read_hours("20261123:0930-20261123:1600", "EST (Eastern Standard Time)")
    assert hours.is_open(utc(23, 15))


def test_no_hours_at_all_are_no_reason_not_to_ask() -> None:
    hours = read_hours("", "")
    assert hours.is_open(utc(23, 15))


@pytest.mark.parametrize(
    ("text", "zone"),
    [("nonsense", "UTC"), (US, "Mars/Olympus"), ("20261123:0930-20261323:1600", "UTC")],
)
def test_what_cannot_be_read_is_reported(text: str, zone: str) -> None:
    with pytest.raises(InputError, match="trading hours"):
        read_hours(text, zone)


@given(st.lists(st.tuples(st.integers(1, 600), st.integers(1, 600)), max_size=8), st.integers(0))
def test_open_and_closed_alternate_as_the_sessions_say(
    spans: list[tuple[int, int]], at: int
) -> None:
    """Walk from change to change: each minute belongs to what the sessions say."""
    begin, sessions = utc(1, 0), []
    end = begin
    for pause, length in spans:
        start = end + timedelta(minutes=pause)
        end = start + timedelta(minutes=length)
        sessions.append((start, end))
    text = ";".join(f"{a:%Y%m%d:%H%M}-{b:%Y%m%d:%H%M}" for a, b in sessions)
    hours = read_hours(text, "UTC")
    now = begin + timedelta(minutes=at % 5000)
    inside = any(a <= now < b for a, b in sessions)
    assert hours.is_open(now) is (inside or now >= end or not sessions)
    if now < hours.known_until:
        change = hours.next_change(now)
        assert change > now
        assert hours.is_open(change - timedelta(minutes=1)) is inside


@pytest.mark.parametrize(
    ("zone", "offset_h"),
    [
        ("CST", -6), ("JST", 9), ("HongKong", 8), ("MET", 1), ("EST5EDT", -5), ("GB-Eire", 0),
        ("Europe/Zurich", 1), ("UTC", 0), (" JST ", 9),
    ],
)  # fmt: skip
def test_sessions_are_in_the_zone_that_tws_names(zone: str, offset_h: int) -> None:
    """In November no zone has summer time; the session begins at noon there."""
    hours = read_hours("20261123:1200-20261123:1300", zone)
    [(begin, end)] = hours.sessions
    assert begin == utc(23, 12) - timedelta(hours=offset_h)
    assert end - begin == timedelta(hours=1)


@pytest.mark.parametrize("zone", ["", " "])
def test_sessions_without_a_zone_say_nothing(zone: str) -> None:
    """Taken for UTC they would close a market that is open."""
    hours = read_hours(US, zone)
    assert all(hours.is_open(utc(day, hour)) for day in (22, 23, 25) for hour in range(24))


def test_empty_first_session_is_not_known() -> None:
    """Until the text's first session the market counts as open, from then on sessions decide."""
    hours = read_hours(";20261124:0930-20261124:1600;20261125:CLOSED", "US/Eastern")
    assert hours.is_open(utc(23, 3))
    assert hours.next_change(utc(23, 3)) == utc(24, 14, 30)
    assert hours.is_open(utc(24, 15))
    assert not hours.is_open(utc(24, 22))


def test_session_may_end_at_24_hours() -> None:
    """The same moment as 0 o'clock of the next day."""
    hours = read_hours("20261123:1800-20261123:2400;20261124:CLOSED", "UTC")
    assert hours.is_open(utc(23, 23, 59))
    assert not hours.is_open(utc(24, 0))
