"""Times as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import InputError
from slotwise.local_zone import local_zone
from slotwise.parse_time import UNITS, WEEKDAYS, read_moment

#: A Saturday morning in New York, the day after Thanksgiving's Friday.
NOW = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
NEW_YORK = "America/New_York"


def utc(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("now", "UTC", NOW),
        ("14:32", "UTC", utc(28, 14, 32)),
        ("14:32:05", NEW_YORK, utc(28, 19, 32, 5)),
        ("9:31", NEW_YORK, utc(28, 14, 31)),
        ("yesterday", "UTC", utc(27, 21)),
        ("today", "UTC", NOW),
        ("yesterday 15:50", NEW_YORK, utc(27, 20, 50)),
        ("15:50 yesterday", NEW_YORK, utc(27, 20, 50)),
        ("Friday Close", "UTC", utc(27, 21)),
        ("friday close", "Asia/Tokyo", utc(27, 21)),
        ("last friday close", "UTC", utc(27, 21)),
        ("fri open", "UTC", utc(27, 14, 30)),
        ("monday 10:00", "UTC", utc(23, 10)),
        ("saturday 14:00", "UTC", utc(28, 14)),
        ("saturday 16:00", "UTC", utc(21, 16)),
        ("close", "UTC", utc(27, 21)),
        ("open", "UTC", utc(27, 14, 30)),
        ("2026-11-20 close", "UTC", utc(20, 21)),
        ("2026-11-20", NEW_YORK, utc(20, 5)),
        ("2026-11-20 14:32", "UTC", utc(20, 14, 32)),
        ("5 min ago", "UTC", utc(28, 14, 55)),
        ("90s ago", "UTC", utc(28, 14, 58, 30)),
        ("2 hours ago", "UTC", utc(28, 13)),
        ("1 day ago", "UTC", utc(27, 15)),
    ],
)
def test_a_time_is_read_as_people_say_it(text: str, zone: str, moment: datetime) -> None:
    assert read_moment(text, zone, NOW) == moment


@pytest.mark.parametrize(
    ("text", "moment"), [("yesterday", utc(27, 0)), ("today", utc(28, 0)), ("tue", utc(24, 0))]
)
def test_a_day_without_a_time_begins_a_period_at_midnight(text: str, moment: datetime) -> None:
    assert read_moment(text, "UTC", NOW, begins=True) == moment


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "friday friday", "14:32 15:32", "5 moons ago", "fr", "close friday now",
     "999999 weeks ago"],
)  # fmt: skip
def test_what_is_no_time_is_an_error_with_examples(text: str) -> None:
    with pytest.raises(InputError, match="is no time: write it as"):
        read_moment(text, "UTC", NOW)


def test_the_close_of_a_day_is_todays_only_after_it() -> None:
    before, after = (datetime(2026, 11, 25, hour, 0, tzinfo=UTC) for hour in (20, 22))
    assert read_moment("close", "UTC", before) == utc(24, 21)
    assert read_moment("wednesday close", "UTC", before) == utc(18, 21)
    assert read_moment("close", "UTC", after) == read_moment("wed", "UTC", after) == utc(25, 21)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(WEEKDAYS),
    st.sampled_from(("", "open", "close", "00:00", "23:59:59")),
    st.sampled_from(("UTC", NEW_YORK, "Asia/Tokyo")),
)
def test_a_weekday_is_within_the_last_week_and_never_ahead(
    now: datetime, day: str, clock: str, zone: str
) -> None:
    found = read_moment(f"{day} {clock}", zone, now)
    assert found <= now
    # An hour more where clocks were changed meanwhile.
    assert now - found <= timedelta(days=7, hours=25)


@given(st.integers(0, 10_000), st.sampled_from(sorted(UNITS)))
def test_ago_counts_back_from_now(number: int, unit: str) -> None:
    back = timedelta(seconds=number * UNITS[unit])
    assert read_moment(f"{number} {unit} ago", "UTC", NOW) == NOW - back


def test_the_local_zone_is_that_of_tz_else_of_the_machine(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    zone = tmp_path / "zoneinfo" / "Europe" / "Berlin"
    zone.parent.mkdir(parents=True)
    zone.touch()
    link.symlink_to(zone)
    assert local_zone({"TZ": ":America/New_York"}, link) == "America/New_York"
    assert local_zone({}, link) == "Europe/Berlin"
    assert local_zone({"TZ": "Mars/Base"}, link) == "UTC"
    assert local_zone({"TZ": "Etc/UTC"}, link) == "UTC"
    assert local_zone({}, tmp_path / "none") == "UTC"
