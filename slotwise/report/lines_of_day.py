"""How lines were used on a day, and which contracts were not seen, from table `line_events`.

A row of a loss carries the time of the line's last tick, which may be long before the gateway
knew. Its count of lines held counts from when the contract was seen next, or else landed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from slotwise.lake.query_parts import timestamp
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.report.day import ContractGaps, LineBucket, Lines, ReportedGap
from slotwise.report.span import Span
from slotwise.rules.data_gaps import DataGap, LineEvent, data_gaps

#: Events whose time is before the gateway knew of them.
_FOUND_LATER = frozenset(("lost", "silent", "refused"))


class LandedEvent(msgspec.Struct, frozen=True):
    """Hold a line event, and when it reached the lake."""

    event: LineEvent
    landed_at: datetime


def lines_of_day(lake: Lake, span: Span) -> Lines:
    """Read the day's line usage and data gaps; raises LakeError."""
    landed = _events(lake, span)
    events = [one.event for one in landed]
    return Lines(
        events=sum(event.at >= span.begin for event in events),
        buckets=usage(landed, span),
        blind=gaps_of_day(events, span),
    )


def usage(landed: Iterable[LandedEvent], span: Span) -> tuple[LineBucket, ...]:
    """Return the most lines held in each bucket of the day, and how many were allowed then."""
    known = _as_known(landed)
    held = allowed = None
    place = 0
    while place < len(known) and known[place][0] < span.begin:
        held, allowed = known[place][1].held, known[place][1].allowed
        place += 1
    buckets = []
    for number in range(span.buckets()):
        most = held
        ends = min(span.bucket_begin(number + 1), span.until)
        while place < len(known) and known[place][0] < ends:
            held, allowed = known[place][1].held, known[place][1].allowed
            most = held if most is None else max(most, held)
            place += 1
        if most is not None and allowed is not None:
            buckets.append(LineBucket(span.bucket_begin(number), most, allowed))
    return tuple(buckets)


def gaps_of_day(events: Sequence[LineEvent], span: Span) -> tuple[ContractGaps, ...]:
    """Cut data gaps to the day; the contract that was not seen for longest comes first."""
    names = {event.con_id: event.symbol for event in events if event.symbol}
    found = []
    for con_id, gaps in data_gaps(events).items():
        times = tuple(
            _cut(gap, span)
            for gap in gaps
            if gap.begin < span.until and (gap.end is None or gap.end > span.begin)
        )
        if times:
            found.append(ContractGaps(con_id, names.get(con_id, ""), times))
    return tuple(sorted(found, key=lambda one: (-one.seconds, one.con_id)))


def _cut(gap: DataGap, span: Span) -> ReportedGap:
    goes_on = gap.end is None or gap.end > span.until
    return ReportedGap(
        begin=max(gap.begin, span.begin),
        end=span.until if gap.end is None else min(gap.end, span.until),
        began_before=gap.begin < span.begin,
        goes_on=goes_on,
        known=gap.known,
        event=gap.event,
        reason=gap.reason,
    )


def _as_known(landed: Iterable[LandedEvent]) -> list[tuple[datetime, LineEvent]]:
    """Sort events by when the gateway knew of them at the latest.

    Of lines that were lost together the one that left the fewest was recorded last.
    """
    known = []
    next_at: dict[int, datetime] = {}
    for one in sorted(landed, key=lambda one: one.event.at, reverse=True):
        event, at = one.event, one.event.at
        if event.event in _FOUND_LATER:
            at = max(at, min(one.landed_at, next_at.get(event.con_id, one.landed_at)))
        next_at[event.con_id] = event.at
        known.append((at, event))
    return sorted(known, key=lambda k: (k[0], k[1].event not in _FOUND_LATER, -k[1].held))


def _events(lake: Lake, span: Span) -> list[LandedEvent]:
    """Read the day's events, and those before it that say how each contract entered the day.

    What came before a contract was last seen, or not wanted any more, does not concern this day.
    """
    rows = ask(
        lake,
        f"""
        WITH recorded AS (
            SELECT con_id, coalesce(symbol, '') AS symbol, event, coalesce(reason, '') AS reason,
                held, allowed, at, landed_at
            FROM line_events WHERE at < {timestamp(span.until)}
        ), settled AS (
            SELECT con_id, max(at) AS at FROM recorded
            WHERE at < {timestamp(span.begin)} AND event IN ('first_tick', 'returned', 'closed')
            GROUP BY con_id
        )
        SELECT recorded.* FROM recorded LEFT JOIN settled ON recorded.con_id = settled.con_id
        WHERE settled.at IS NULL OR recorded.at >= settled.at
        """,
        "line_events",
    )
    return [LandedEvent(msgspec.convert(row, LineEvent), row["landed_at"]) for row in rows]
