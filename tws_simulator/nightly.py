"""The nightly restart: when it is due."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, tzinfo

from tws_simulator.errors import UsageError

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")


def read_clock(text: str) -> time:
    """Read a time of day such as 23:45; raises UsageError."""
    match = _CLOCK.match(text)
    if match is None:
        raise UsageError(f"--restart-at {text!r} is no time of day such as 23:45")
    return time(int(match[1]), int(match[2]))


def next_at(clock: time, now: float, zone: tzinfo | None = None) -> float:
    """Return when a local time of day comes next, unix seconds; without a zone the machine's."""
    today = datetime.fromtimestamp(now, zone).date()
    for day in (today, today + timedelta(days=1)):
        at = datetime.combine(day, clock, zone).timestamp()
        if at > now:
            return at
    # A clock that was put forward skipped it today and is late tomorrow.
    return datetime.combine(today + timedelta(days=2), clock, zone).timestamp()
