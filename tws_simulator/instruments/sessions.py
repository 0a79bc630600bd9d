"""Trading hours as TWS writes them, from one session that is the same on every weekday."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

#: Days for which TWS lists hours.
LISTED_DAYS = 6
#: `date.weekday()` of a Saturday.
SATURDAY = 5

#: Sessions of a day, such as 0930-1600 or 0830-1320,1900-0745, and of TWS's own text.
DAILY = re.compile(r"[0-2]\d[0-5]\d-[0-2]\d[0-5]\d(?:,[0-2]\d[0-5]\d-[0-2]\d[0-5]\d)*\Z")
_SESSION = r"(?:\d{8}:CLOSED|\d{8}:[0-2]\d[0-5]\d-\d{8}:[0-2]\d[0-5]\d)"
WRITTEN = re.compile(rf"(?:{_SESSION}(?:;{_SESSION})*|(?:;{_SESSION})+)?\Z")


def is_hours(text: str) -> bool:
    """Return True for what TWS writes, and for sessions that are the same on every weekday.

    TWS's text may begin with an empty session (recorded).
    """
    return bool(WRITTEN.match(text) or DAILY.match(text))


def hours_text(sessions: str, now: float) -> str:
    """Return the hours of the next days; text that TWS wrote stays.

    Sessions of one day stand beside each other as those of several days do (recorded). One that
    ends before it begins began on the day before, as the night of futures does. The first day is
    that before today in UTC, which may still be today in the contract's zone.
    """
    if not DAILY.match(sessions):
        return sessions
    today = datetime.fromtimestamp(now, UTC).date()
    days = (today + timedelta(days=n) for n in range(-1, LISTED_DAYS))
    return ";".join(_of_day(day, sessions.split(",")) for day in days)


def _of_day(day: date, sessions: list[str]) -> str:
    if day.weekday() >= SATURDAY:
        return f"{day:%Y%m%d}:CLOSED"
    return ";".join(_session(day, session) for session in sessions)


def _session(day: date, session: str) -> str:
    begins, _, ends = session.partition("-")
    first = day - timedelta(days=1) if ends <= begins else day
    return f"{first:%Y%m%d}:{begins}-{day:%Y%m%d}:{ends}"
