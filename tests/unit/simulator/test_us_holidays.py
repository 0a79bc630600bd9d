"""US sessions: which days do not trade, and which end early."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tws_simulator.market.calendar import UsHours
from tws_simulator.market.us_holidays import closes_early, is_holiday

NEW_YORK = ZoneInfo("America/New_York")


def _at(year: int, month: int, day: int, hour: int, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK).timestamp()


@pytest.mark.parametrize(
    "day",
    ["2026-01-01", "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19",
     "2026-07-03", "2026-09-07", "2026-11-26", "2026-12-25", "2025-04-18", "2023-01-02"],
)  # fmt: skip
def test_the_exchanges_stay_closed_on_their_holidays(day: str) -> None:
    """By the rules of the NYSE; observed on Friday or Monday where they fall on a weekend."""
    assert is_holiday(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-11-10", "2021-12-31", "2026-10-12", "2021-06-18"])
def test_other_weekdays_trade(day: str) -> None:
    """Also before a New Year on a Saturday, on Columbus Day, and before Juneteenth was one."""
    assert not is_holiday(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "early"),
    [("2026-11-27", True), ("2026-12-24", True), ("2025-07-03", True), ("2026-07-03", False),
     ("2026-11-25", False)],
)  # fmt: skip
def test_some_days_end_at_one(day: str, early: bool) -> None:
    """The day after Thanksgiving and the eves, unless they are holidays themselves."""
    assert closes_early(date.fromisoformat(day)) is early


def test_the_calendar_has_them() -> None:
    """Thanksgiving is closed, the day after ends at 13:00, and TWS's text says so."""
    hours = UsHours()
    assert not hours.is_open(_at(2026, 11, 26, 11))
    assert hours.is_open(_at(2026, 11, 27, 12, 59))
    assert not hours.is_open(_at(2026, 11, 27, 13, 1))
    assert hours.traded_at(_at(2026, 11, 26, 11)) == _at(2026, 11, 25, 16)
    assert hours.hours_text(_at(2026, 11, 26, 11)).startswith(
        "20261126:CLOSED;20261127:0930-20261127:1300;20261128:CLOSED"
    )
