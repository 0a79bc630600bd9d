"""A moment as people write it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slotwise.errors import InputError


def read_moment(text: str, zone: str = "UTC") -> datetime:
    """Read `2026-11-20 14:32` in a zone, or a time with its own offset; gives it in UTC.

    Raises InputError for what is no time, and for a zone that nobody knows.
    """
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"nobody knows the time zone {zone!r}: try America/New_York") from error
    try:
        found = datetime.fromisoformat(text.strip())
        moment = found if found.tzinfo is not None else found.replace(tzinfo=clock)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{text!r} is no time: write it as '2026-11-20 14:32'") from error
