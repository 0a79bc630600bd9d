"""Expiries that are listed on a day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count, islice

#: `date.weekday()` of a Friday.
FRIDAY = 4
#: Weekly expiries ahead, and monthly ones after them.
WEEKLIES, MONTHLIES = 8, 14
#: Days before its expiry at which a future is rolled into the next.
ROLL_DAYS = 8
#: Months in which index futures expire.
QUARTERS = (3, 6, 9, 12)


def third_friday(year: int, month: int) -> date:
    """Return the day on which standard contracts of a month expire."""
    first = date(year, month, 1)
    return first + timedelta(days=(FRIDAY - first.weekday()) % 7 + 14)


def option_expiries(today: date) -> tuple[str, ...]:
    """List option expiries (YYYYMMDD): Fridays first, at least three days ahead, then months."""
    soon = today + timedelta(days=3)
    friday = soon + timedelta(days=(FRIDAY - soon.weekday()) % 7)
    days = {friday + timedelta(weeks=week) for week in range(WEEKLIES)}
    months = (third_friday(today.year + m // 12, m % 12 + 1) for m in count(today.month - 1))
    days.update(islice((day for day in months if day > soon), MONTHLIES))
    return tuple(f"{day:%Y%m%d}" for day in sorted(days))


def future_expiry(today: date) -> str:
    """Return the expiry (YYYYMMDD) of the index future that is traded most."""
    months = ((today.year + m // 12, m % 12 + 1) for m in count(today.month - 1))
    for year, month in months:
        if month in QUARTERS:
            day = third_friday(year, month)
            if day - today > timedelta(days=ROLL_DAYS):
                return f"{day:%Y%m%d}"
    raise AssertionError("months do not end")
