"""When a contract that expires is over: after the last session of its last day, by its own hours.

An option that expires today trades until its session ends. Where its hours are not known, its day
ends at 17:00 in New York: the latest end of a session of options there, after those of Europe and
Asia. Pure.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from slotwise.contract import Contract
from slotwise.rules.trading_hours import TradingHours

#: Where and when a last day is over if nothing better is known.
LAST_DAY_IN, LAST_DAY_ENDS = ZoneInfo("America/New_York"), time(17, 0)
_DAY = re.compile("[0-9]{8}")


def ends_at(contract: Contract, hours: TradingHours | None) -> datetime | None:
    """Return when a contract's last session ends; None where it never expires."""
    last_day = last_day_of(contract)
    if last_day is None:
        return None
    ends = [end for _, end in hours.sessions if end.date() == last_day] if hours else []
    return max(ends, default=datetime.combine(last_day, LAST_DAY_ENDS, LAST_DAY_IN))


def is_over(contract: Contract, hours: TradingHours | None, now: datetime) -> bool:
    """Return True for a contract whose last session has ended."""
    end = ends_at(contract, hours)
    return end is not None and now >= end


def expired_words(contract: Contract, now: datetime, hours: TradingHours | None = None) -> str:
    """Return `expired on 2026-05-29` for a contract that is over, else an empty text."""
    last_day = last_day_of(contract)
    if last_day is None or not is_over(contract, hours, now):
        return ""
    return f"expired on {last_day:%Y-%m-%d}"


def last_day_of(contract: Contract) -> date | None:
    """Return a contract's last day; None where it never expires, or its month alone is known."""
    # `strptime` would read the month 202611 as the first of January.
    if not _DAY.fullmatch(contract.expiry):
        return None
    try:
        return datetime.strptime(contract.expiry, "%Y%m%d").date()
    except ValueError:
        return None
