"""Which part of a day pictures show: its regular sessions, with some room around them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from slotwise.errors import InputError
from slotwise.lake.query_parts import timestamp
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.report.span import Span
from slotwise.rules.trading_hours import read_hours

#: Details name the sessions of about a week from their day on.
NAMED_BEFORE = timedelta(days=8)
#: What is shown before the first session and after the last one: orders of the open, and the close.
ROOM = timedelta(minutes=30)
#: A shorter axis would say little less than the whole day does.
WORTH = timedelta(hours=20)
HOUR = timedelta(hours=1)


def with_axis(lake: Lake, span: Span) -> Span:
    """Return the span with the part that pictures show; the whole day where no session is known.

    Raises LakeError.
    """
    rows = ask(
        lake,
        f"""
        SELECT DISTINCT time_zone, liquid_hours FROM contracts
        WHERE looked_up_at >= {timestamp(span.begin - NAMED_BEFORE)}
            AND looked_up_at < {timestamp(span.end)}
            AND liquid_hours IS NOT NULL AND time_zone IS NOT NULL
        """,
        "contracts",
    )
    sessions: list[tuple[datetime, datetime]] = []
    for row in rows:
        try:
            sessions += read_hours(row["liquid_hours"], row["time_zone"]).sessions
        except InputError:
            # Another version of TWS may write hours otherwise: they are not known then.
            continue
    return fit_axis(span, sessions)


def fit_axis(span: Span, sessions: Iterable[tuple[datetime, datetime]]) -> Span:
    """Return the span whose pictures show these sessions, from one whole hour to another."""
    of_day = [one for one in sessions if one[0] < span.end and one[1] > span.begin]
    if not of_day:
        return span
    first, last = min(begin for begin, _ in of_day), max(end for _, end in of_day)
    first -= (first - ROOM - span.begin) % HOUR + ROOM
    last += (span.begin - last - ROOM) % HOUR + ROOM
    first, last = max(first, span.begin), min(last, span.end)
    if last - first > WORTH:
        return span
    return msgspec.structs.replace(span, shown_from=first, shown_to=last)
