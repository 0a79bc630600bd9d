"""When the market is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import inf
from typing import Protocol
from zoneinfo import ZoneInfo

from tws_simulator.market.us_holidays import closes_early, is_holiday

#: Seconds of a day.
DAY_S = 86_400
#: `date.weekday()` of a Saturday.
SATURDAY = 5
#: Prices are shown this long before the open, seconds: exchanges take orders for it by then.
PRE_OPEN_S = 30 * 60
#: Days ahead for which TWS lists trading hours.
LISTED_DAYS = 6


@dataclass(frozen=True, slots=True)
class TradingDay:
    """Hold when a day opened, and when the one before it closed, unix seconds."""

    opened_at: float
    previous_close_at: float


class Calendar(Protocol):
    """The sessions of one market."""

    #: Name of the time zone that trading hours are sent in.
    zone: str

    def is_open(self, now: float) -> bool:
        """Return whether it trades."""
        ...

    def is_pre_open(self, now: float) -> bool:
        """Return whether it opens soon, and prices are shown already."""
        ...

    def traded_at(self, now: float) -> float:
        """Return `now` while it trades, and the last close otherwise."""
        ...

    def day(self, now: float) -> TradingDay:
        """Return the day that trades, or traded last."""
        ...

    def hours_text(self, now: float) -> str:
        """Write the hours of the next days as TWS does."""
        ...


class AlwaysOpen:
    """Trade at all times; a day begins at midnight UTC."""

    zone = "UTC"

    def is_open(self, now: float) -> bool:
        """Return whether it trades: always."""
        return True

    def is_pre_open(self, now: float) -> bool:
        """Return whether it opens soon: never."""
        return False

    def traded_at(self, now: float) -> float:
        """Return `now`."""
        return now

    def day(self, now: float) -> TradingDay:
        """Return the UTC day; the one before closed a minute earlier, so that prices differ."""
        opened_at = now // DAY_S * DAY_S
        return TradingDay(opened_at, opened_at - 60)

    def hours_text(self, now: float) -> str:
        """Write whole days, one to the next, that hold now in every zone.

        A contract's zone may be a day behind or ahead of UTC.
        """
        today = datetime.fromtimestamp(now, UTC).date()
        days = (today + timedelta(days=n) for n in range(-1, LISTED_DAYS))
        return ";".join(f"{day:%Y%m%d}:0000-{day + timedelta(days=1):%Y%m%d}:0000" for day in days)


class UsHours:
    """Trade from 9:30 to 16:00 in New York on days that are no holiday."""

    zone = "US/Eastern"
    OPEN, CLOSE, EARLY_CLOSE = time(9, 30), time(16, 0), time(13, 0)

    def __init__(self) -> None:
        self._zone = ZoneInfo("America/New_York")
        # Of the session that was asked about last: when it closes, and its day. Every quote asks.
        self._known = (-inf, TradingDay(inf, inf))

    def is_open(self, now: float) -> bool:
        """Return whether it trades."""
        return self.traded_at(now) == now

    def is_pre_open(self, now: float) -> bool:
        """Return whether it opens within the half hour."""
        today = self._local(now).date()
        return self._trades(today) and 0 < self._at(today, self.OPEN) - now <= PRE_OPEN_S

    def traded_at(self, now: float) -> float:
        """Return `now` while it trades, and the last close otherwise."""
        closed_at, known = self._known
        if known.opened_at <= now <= closed_at:
            return now
        day = self._local(now).date()
        while not self._trades(day) or now < self._at(day, self.OPEN):
            day -= timedelta(days=1)
            if self._trades(day):
                break
        return min(now, self._at(day, self._close(day)))

    def day(self, now: float) -> TradingDay:
        """Return the day that trades, or traded last."""
        closed_at, known = self._known
        if known.opened_at <= now <= closed_at:
            return known
        today = self._local(self.traded_at(now)).date()
        before = today - timedelta(days=1)
        while not self._trades(before):
            before -= timedelta(days=1)
        day = TradingDay(self._at(today, self.OPEN), self._at(before, self._close(before)))
        self._known = (self._at(today, self._close(today)), day)
        return day

    def hours_text(self, now: float) -> str:
        """Write sessions, and CLOSED for days without one."""
        today = self._local(now).date()
        days = (today + timedelta(days=n) for n in range(LISTED_DAYS))
        return ";".join(
            f"{day:%Y%m%d}:0930-{day:%Y%m%d}:{self._close(day):%H%M}"
            if self._trades(day)
            else f"{day:%Y%m%d}:CLOSED"
            for day in days
        )

    def _local(self, now: float) -> datetime:
        return datetime.fromtimestamp(now, self._zone)

    def _at(self, day: date, at: time) -> float:
        return datetime.combine(day, at, self._zone).timestamp()

    def _close(self, day: date) -> time:
        return self.EARLY_CLOSE if closes_early(day) else self.CLOSE

    @staticmethod
    def _trades(day: date) -> bool:
        return day.weekday() < SATURDAY and not is_holiday(day)
