"""Time zones by the names that TWS gives them."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: Names that TWS uses, mostly in answers of older versions, and the zone database does not have.
#: CST and JST are recorded of exchanges in Chicago and Tokyo.
ZONES = {
    "CST": "America/Chicago",
    "CST6CDT": "America/Chicago",
    "CDT": "America/Chicago",
    "CTT": "America/Chicago",
    "EST": "America/New_York",
    "EST5EDT": "America/New_York",
    "EDT": "America/New_York",
    "MST": "America/Denver",
    "MST7MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PST8PDT": "America/Los_Angeles",
    "PST (Pacific Standard Time)": "America/Los_Angeles",
    "EST (Eastern Standard Time)": "America/New_York",
    "CST (Central Standard Time)": "America/Chicago",
    "GB-Eire": "Europe/London",
    "BST": "Europe/London",
    "GMT (Greenwich Mean Time)": "Europe/London",
    "CET": "Europe/Paris",
    "CEST": "Europe/Paris",
    "MET": "Europe/Paris",
    "MET (Middle Europe Time)": "Europe/Paris",
    "MEZ": "Europe/Paris",
    "EET": "Europe/Helsinki",
    "JST": "Asia/Tokyo",
    "JST (Japan Standard Time)": "Asia/Tokyo",
    "Japan": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "ROK": "Asia/Seoul",
    "HKT": "Asia/Hong_Kong",
    "HongKong": "Asia/Hong_Kong",
    "Hongkong": "Asia/Hong_Kong",
    "SGT": "Asia/Singapore",
    "Singapore": "Asia/Singapore",
    "IST": "Asia/Kolkata",
    "Israel": "Asia/Jerusalem",
    "AET": "Australia/Sydney",
    "AEST": "Australia/Sydney",
    "SAST": "Africa/Johannesburg",
}


@lru_cache
def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone of a name; None for an empty name and one that is not known."""
    name = name.strip()
    if not name:
        return None
    try:
        return ZoneInfo(ZONES.get(name, name))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None
