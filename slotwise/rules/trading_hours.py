"""When a contract trades, as TWS's contract details give it.

The text names sessions of the next days in the exchange's zone:
`20261123:0400-20261123:2000;20261124:CLOSED;20261129:1800-20261130:1700`.

Where nothing is known a contract counts as open: without a zone, before the first session where the
text begins with an empty one, and after the last.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from slotwise.errors import InputError
from slotwise.zones import zone_of

#: How TWS writes a moment.
FORMAT = "%Y%m%d:%H%M"
#: How TWS writes the end of a day.
MIDNIGHT = ":2400"
#: The first moment there is.
EVER = datetime.min.replace(tzinfo=UTC)


class TradingHours(msgspec.Struct, frozen=True):
    """Sessions as (begin, end), sorted, UTC, known from `known_from` to `known_until`."""

    sessions: tuple[tuple[datetime, datetime], ...]
    known_until: datetime
    known_from: datetime = EVER

    def is_open(self, now: datetime) -> bool:
        """Return True where the contract trades; also where nothing is known."""
        if not self.known_from <= now < self.known_until:
            return True
        return self._session_at(now) is not None

    def next_change(self, now: datetime) -> datetime:
        """Return when that ends: the next opening, closing, or the end of what is known."""
        if now < self.known_from:
            return self.known_from
        session = self._session_at(now)
        if session is not None:
            return session[1]
        following = bisect_right(self.sessions, now, key=lambda s: s[0])
        return self.sessions[following][0] if following < len(self.sessions) else self.known_until

    def last_end(self, now: datetime) -> datetime | None:
        """Return when the last session before now ended; None where the text does not have it."""
        return max((end for _, end in self.sessions if end <= now), default=None)

    def _session_at(self, now: datetime) -> tuple[datetime, datetime] | None:
        before = bisect_right(self.sessions, now, key=lambda s: s[0]) - 1
        if before >= 0 and now < self.sessions[before][1]:
            return self.sessions[before]
        return None


def read_hours(text: str, zone_name: str) -> TradingHours:
    """Read TWS's text; raises InputError where it cannot be read."""
    pieces = [piece.strip() for piece in text.split(";")]
    parts = list(filter(None, pieces))
    if not parts or not zone_name.strip():
        return TradingHours((), EVER)
    zone = zone_of(zone_name)
    if zone is None:
        raise InputError(f"trading hours {text[:60]!r}: zone {zone_name!r} is not known")
    try:
        sessions = []
        known_until = EVER
        for part in parts:
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
    except ValueError as error:
        raise InputError(f"trading hours {text[:60]!r} in zone {zone_name!r}: {error}") from error
    sessions.sort()
    known_from = sessions[0][0] if sessions and not pieces[0] else EVER
    return TradingHours(tuple(sessions), known_until, known_from)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    day = timedelta()
    if text.endswith(MIDNIGHT):
        text, day = text.removesuffix(MIDNIGHT) + ":0000", timedelta(days=1)
    return (datetime.strptime(text, FORMAT) + day).replace(tzinfo=zone).astimezone(UTC)
