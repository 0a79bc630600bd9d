"""Times, durations and names as the verdict's sentences write them."""

from __future__ import annotations

from datetime import UTC, datetime

from slotwise.formatting import DAY_S, HOUR_S, MINUTE_S


def since_words(at: datetime | None, now: datetime) -> str:
    """Write ` since 10:31 UTC`, with the day where it is another one; empty where unknown."""
    if at is None:
        return ""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    day = "" if at.date() == now.date() else f"{at:%Y-%m-%d} "
    return f" since {day}{at:%H:%M} UTC"


def duration_words(seconds: float) -> str:
    """Write a duration with one unit, two from an hour on: `12 s`, `4 min`, `3 h 5 min`, `2 d`."""
    whole = max(int(seconds), 0)
    if whole < 2 * MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min"
    if whole < 2 * DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"
    return f"{whole // DAY_S} d"


def name_words(names: list[str], most: int = 3) -> str:
    """Write the first names, and how many there are besides."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
