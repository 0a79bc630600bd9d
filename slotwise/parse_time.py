"""Moment: a time, and a time zone, as people write them. Pure.

    moment  = now | NUMBER UNIT ago | day [time] | time [day] | an ISO time, with an offset or not
    unit    = s, sec, min, m, h, d, w, or the whole words
    day     = today | yesterday | [last] a weekday, as friday or fri | 2026-11-20
    time    = 14:32 | 14:32:05 | open | close

Rules:
* Times are in the zone that is asked for; `open` and `close` are those of US exchanges, 09:30 and
  16:00 in New York.
* A time alone is today's. A weekday is the newest one whose moment is not in the future.
* `open` and `close` alone are the newest ones of Monday to Friday; holidays are not known.
* A date without a time is its midnight. `yesterday` or a weekday without a time is its close, or
  its midnight where a period begins with it (`begins`); `today` is now, or its midnight.
* A moment in the future is read; whether it is known is another question (`lake.known`).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slotwise.errors import InputError

#: Where, and between which times, US exchanges have their regular session.
EXCHANGE_ZONE, OPENS, CLOSES = ZoneInfo("America/New_York"), time(9, 30), time(16)
SESSIONS = {"open": OPENS, "close": CLOSES}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SATURDAY = 5
#: Letters of a weekday that name it.
SHORT = 3
UNITS = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60,
    "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800,
}  # fmt: skip
_AGO = re.compile(r"(\d{1,6}) ?([a-z]+?)s? ago")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_zone(name: str) -> ZoneInfo:
    """Return the time zone of a name; raises InputError for one that is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"unknown time zone {name!r}: write one such as America/New_York, or UTC"
        ) from error


def read_moment(
    text: str, zone: str = "UTC", now: datetime | None = None, *, begins: bool = False
) -> datetime:
    """Return the time that a text stands for, UTC; words count from `now`.

    Raises InputError for what is no time, for a word without `now`, and for an unknown zone.
    """
    clock = read_zone(zone)
    words = text.strip().lower().split()
    try:
        found = None if now is None else _in_words(words, now, clock, begins)
        if found is None:
            plain = datetime.fromisoformat(text.strip())
            found = plain if plain.tzinfo is not None else plain.replace(tzinfo=clock)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{text!r} is no time: write it as '2026-11-20 14:32', 14:32, yesterday,"
            " 'friday close' or '5 min ago'"
        ) from error


def _in_words(words: list[str], now: datetime, zone: ZoneInfo, begins: bool) -> datetime | None:
    """Return the moment that words name; None where they are none of the grammar."""
    joined = " ".join(words)
    if joined == "now":
        return now
    if ago := _AGO.fullmatch(joined):
        seconds = UNITS.get(ago[2])
        return None if seconds is None else now - int(ago[1]) * timedelta(seconds=seconds)
    if words[:1] == ["last"]:
        words = words[1:]
    clocks = [word for word in words if word in SESSIONS or _CLOCK.fullmatch(word)]
    days = [word for word in words if word not in clocks]
    if len(clocks) > 1 or len(days) > 1 or not words:
        return None
    return _moment(days[0] if days else "", clocks[0] if clocks else "", now, zone, begins)


def _moment(day: str, clock: str, now: datetime, zone: ZoneInfo, begins: bool) -> datetime | None:
    today = now.astimezone(EXCHANGE_ZONE if clock in SESSIONS else zone).date()
    weekday = _weekday(day)
    if day == "today" and not clock:
        return _at(today, time(), zone) if begins else now
    if day in ("", "today", "yesterday"):
        back = 1 if day == "yesterday" else 0
        found = _on(today - timedelta(days=back), clock, zone, begins)
        while not day and clock in SESSIONS and (found > now or _is_weekend(found)):
            back += 1
            found = _on(today - timedelta(days=back), clock, zone, begins)
        return found
    if weekday is not None:
        on = today - timedelta(days=(today.weekday() - weekday) % 7)
        found = _on(on, clock, zone, begins)
        return found if found <= now else _on(on - timedelta(days=7), clock, zone, begins)
    if _DATE.fullmatch(day) and clock:
        return _on(date.fromisoformat(day), clock, zone, begins)
    return None


def _on(day: date, clock: str, zone: ZoneInfo, begins: bool) -> datetime:
    """Return a time of a day."""
    if not clock:
        return _at(day, time(), zone) if begins else _at(day, CLOSES, EXCHANGE_ZONE)
    if clock in SESSIONS:
        return _at(day, SESSIONS[clock], EXCHANGE_ZONE)
    hour, minute, second = (int(part) for part in [*clock.split(":"), "0"][:3])
    return _at(day, time(hour, minute, second), zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _is_weekend(at: datetime) -> bool:
    return at.astimezone(EXCHANGE_ZONE).weekday() >= SATURDAY


def _weekday(word: str) -> int | None:
    """Return the number of a weekday by its name or its first letters; None for another word."""
    found = [n for n, name in enumerate(WEEKDAYS) if len(word) >= SHORT and name.startswith(word)]
    return found[0] if found else None
