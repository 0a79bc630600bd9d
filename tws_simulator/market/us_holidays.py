"""Days on which US stock exchanges do not trade, or close at 13:00, by rule."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

#: `date.weekday()` of days that rules name.
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
#: First year in which Juneteenth closed the exchanges.
JUNETEENTH_SINCE = 2022


def is_holiday(day: date) -> bool:
    """Return whether the exchanges stay closed on a weekday."""
    return day in _holidays(day.year)


def closes_early(day: date) -> bool:
    """Return whether trading ends at 13:00."""
    if day.weekday() >= SATURDAY or is_holiday(day):
        return False
    eves = (date(day.year, 7, 3), date(day.year, 12, 24))
    return day in eves or day == _nth(day.year, 11, THURSDAY, 4) + timedelta(days=1)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    fixed = [date(year, 7, 4), date(year, 12, 25)]
    if year >= JUNETEENTH_SINCE:
        fixed.append(date(year, 6, 19))
    new_year = date(year, 1, 1)
    if new_year.weekday() != SATURDAY:  # a Saturday's New Year is not made up for
        fixed.append(new_year)
    last_of_may = date(year, 5, 31)
    return frozenset(
        [
            *(_observed_day(day) for day in fixed),
            _nth(year, 1, MONDAY, 3),
            _nth(year, 2, MONDAY, 3),
            _easter(year) - timedelta(days=2),
            last_of_may - timedelta(days=last_of_may.weekday()),
            _nth(year, 9, MONDAY, 1),
            _nth(year, 11, THURSDAY, 4),
        ]
    )


def _observed_day(day: date) -> date:
    return day + timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _easter(year: int) -> date:
    """Find Easter Sunday (the anonymous Gregorian computus)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
