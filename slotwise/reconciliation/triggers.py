"""Triggers: when a reconciliation is due besides the interval.

* After every reconnection: what happened meanwhile was not observed.
* Before the market opens, once on each weekday: there is time left to act.
"""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

#: A quarter of an hour before New York's stocks and options begin to trade.
BEFORE_OPEN = time(9, 15)
NEW_YORK = ZoneInfo("America/New_York")
#: Monday is 0.
SATURDAY = 5


def connection(connected_at: datetime | None) -> str | None:
    """Return the connection that is to be reconciled once; None while there is none."""
    return None if connected_at is None else connected_at.isoformat()


def morning(now: datetime) -> str | None:
    """Return the trading day that is to be reconciled once; None before its time."""
    there = now.astimezone(NEW_YORK)
    if there.weekday() >= SATURDAY or there.time() < BEFORE_OPEN:
        return None
    return there.date().isoformat()
