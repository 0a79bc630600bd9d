"""The day of expiry is the contract's own, whatever zone TWS wrote it in."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.last_trade import expiry_day
from slotwise.zones import ZONES, zone_of

LOGINS = ("Asia/Shanghai", "Europe/Zurich", "US/Pacific", "UTC", "Australia/Sydney")
EXCHANGES = ("US/Eastern", "US/Central", "CST", "JST", "HongKong", "MET", "EST5EDT", "GB-Eire")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20261218", "20261218"),
        ("202612", "202612"),
        ("20231124-12:30:00", "20231124"),
        ("20260320 14:30:00 Europe/Zurich", "20260320"),
        ("20260320 14:30 MET", "20260320"),
        ("20260320 14:30:00 Mars/Olympus", "20260320"),
        ("20260320 99:99:99 Europe/Zurich", "20260320"),
        ("", ""),
        ("soon", ""),
    ],
)
def test_expiry_day_is_read_in_every_form(written: str, day: str) -> None:
    """What cannot be read is no day, and a time or zone that cannot be read costs nothing."""
    assert expiry_day(written, zone_name="US/Eastern") == day


@given(
    day=st.dates(datetime(2024, 1, 1).date(), datetime(2030, 12, 31).date()),
    minute=st.integers(0, 24 * 60 - 1),
    login=st.sampled_from(LOGINS),
    exchange=st.sampled_from(EXCHANGES),
)
def test_expiry_day_does_not_depend_on_the_login(
    day: datetime, minute: int, login: str, exchange: str
) -> None:
    """One moment of the exchange's day, as TWS writes it for logins all over the world."""
    ours = zone_of(exchange)
    assert ours is not None
    at = datetime(day.year, day.month, day.day, tzinfo=ours) + timedelta(minutes=minute)
    written = at.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(login))
    text = f"{written:%Y%m%d %H:%M:%S} {login}"
    # A minute that the exchange's clock skips in spring is another one.
    own = at.astimezone(ZoneInfo("UTC")).astimezone(ours)
    assert expiry_day(text, zone_name=exchange) == f"{own:%Y%m%d}"


def test_expiry_day_goes_before_the_field() -> None:
    """The real expiration date counts first, then the day within an option's symbol."""
    written = "20260228 05:00:00 Asia/Shanghai"
    symbol = "NFLX  260227C00090000"
    assert expiry_day(written, local_symbol=symbol) == "20260227"
    assert expiry_day("20181220", real_expiration="20181221") == "20181221"
    assert expiry_day("20181220", real_expiration="soon") == "20181220"


@pytest.mark.parametrize("name", ZONES)
def test_zones_of_tws_are_known(name: str) -> None:
    """Every name leads to a zone of the database; others are none."""
    assert zone_of(name) is not None
    assert zone_of(f"{name} on Mars") is None
