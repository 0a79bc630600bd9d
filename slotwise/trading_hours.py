"""When a contract trades, as TWS's contract details tell it.

The text names sessions of the next days in the exchange's zone:
`20261123:0400-20261123:2000;20261124:CLOSED;20261129:1800-20261130:1700`.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from slotwise.errors import InputError

#: How TWS writes a moment.
FORMAT = "%Y%m%d:%H%M"
#: Names of zones that TWS uses and the zone database does not.
ZONES = {
    "EST (Eastern Standard Time)": "America/New_York",
    "CST (Central Standard Time)": "America/Chicago",
    "GB-Eire": "Europe/London",
    "MET (Middle Europe Time)": "Europe/Paris",
    "JST (Japan Standard Time)": "Asia/Tokyo",
}


class TradingHours(msgspec.Struct, frozen=True):
    """Hold sessions as (begin, end), sorted, UTC; nothing is known beyond `known_until`."""

    sessions: tuple[tuple[datetime, datetime], ...]
    known_until: datetime

    def is_open(self, now: datetime) -> bool:
        """Tell whether it trades; it does where nothing is known."""
        return now >= self.known_until or self._session_at(now) is not None

    def next_change(self, now: datetime) -> datetime:
        """Tell when that ends: the next opening, closing, or the end of what is known."""
        session = self._session_at(now)
        if session is not None:
            return session[1]
        following = bisect_right(self.sessions, now, key=lambda s: s[0])
        return self.sessions[following][0] if following < len(self.sessions) else self.known_until

    def _session_at(self, now: datetime) -> tuple[datetime, datetime] | None:
        before = bisect_right(self.sessions, now, key=lambda s: s[0]) - 1
        if before >= 0 and now < self.sessions[before][1]:
            return self.sessions[before]
        return None


def read_hours(text: str, zone_name: str) -> TradingHours:
    """Read TWS's text; raises InputError where it cannot be read."""
    try:
        zone = ZoneInfo(ZONES.get(zone_name, zone_name or "UTC"))
        sessions = []
        known_until = datetime.min.replace(tzinfo=UTC)
        for part in filter(None, (piece.strip() for piece in text.split(";"))):
            if part.endswith(":CLOSED"):
                end_of_day = f"{part[:8]}:2359"
                known_until = max(known_until, _moment(end_of_day, zone))
                continue
            begin, _, end = part.partition("-")
            # Some exchanges leave out the day of the end.
            ending = end if ":" in end else f"{begin[:8]}:{end}"
            session = (_moment(begin, zone), _moment(ending, zone))
            sessions.append(session)
            known_until = max(known_until, session[1])
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise InputError(f"trading hours {text[:60]!r} in zone {zone_name!r}: {error}") from error
    return TradingHours(tuple(sorted(sessions)), known_until)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(text, FORMAT).replace(tzinfo=zone).astimezone(UTC)
