"""The day so far as pages draw it: lines and their limit, contracts not seen, and prices.

Prices are those of positions, the last of each half hour: what a small line in a row has room for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.printable import printable
from slotwise.report.day import Lines
from slotwise.report.lines_of_day import lines_of_day
from slotwise.report.span import Span, day_span
from slotwise.report.sql import MICROSECOND, landed_since, us, us_of, within
from slotwise.rules.landing import POSITIONS
from workers.web.ages import epoch_ms

#: Length of a step of a small line.
STEP = timedelta(minutes=30)
#: Contracts whose times are sent at most, those that were not seen for longest.
MOST_UNSEEN = 60

#: Steps of the day and prices, by the contract's id.
Sparks: TypeAlias = dict[int, list[tuple[int, float]]]


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """When one contract was wanted and not seen: begin, end, and whether it is known."""

    con_id: int
    label: str
    seconds: int
    times: tuple[tuple[int, int, bool], ...]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """The day from its midnight to its end, known up to `until`; times are ms since 1970."""

    begin: int
    end: int
    until: int
    #: Begin of a step, lines that were held at most, and lines allowed.
    lines: tuple[tuple[int, int, int], ...]
    unseen: tuple[Unseen, ...]
    #: How many were not seen in all.
    count: int
    sparks: Sparks = {}


def read_day(lake: Lake, zone: str, now: datetime, mask: Callable[[str], str]) -> Day:
    """Read today in a zone; raises InputError for one that is unknown, and LakeError."""
    span = day_span(None, zone, now)
    day = day_of(span, lines_of_day(lake, span), mask)
    return msgspec.structs.replace(day, sparks=_sparks(lake, span))


def day_of(span: Span, lines: Lines, mask: Callable[[str], str]) -> Day:
    """Return the day of its lines, without prices; `mask` hides accounts in texts."""
    return Day(
        begin=epoch_ms(span.begin),
        end=epoch_ms(span.end),
        until=epoch_ms(span.until),
        lines=tuple((epoch_ms(one.begin), one.held, one.allowed) for one in lines.buckets),
        unseen=tuple(
            Unseen(
                con_id=one.con_id,
                label=printable(mask(one.symbol or str(one.con_id))),
                seconds=round(one.seconds),
                times=tuple(
                    (epoch_ms(time.begin), epoch_ms(time.end), time.known) for time in one.times
                ),
            )
            for one in lines.blind[:MOST_UNSEEN]
        ),
        count=len(lines.blind),
    )


def sparks_of(rows: Iterable[tuple[int, int, float]]) -> Sparks:
    """Return the points of each contract from rows in the order of time."""
    found: Sparks = {}
    for con_id, step, price in rows:
        found.setdefault(con_id, []).append((step, price))
    return found


def _sparks(lake: Lake, span: Span) -> Sparks:
    step = f"({us_of('observed_at')} - {us(span.begin)}) / {STEP // MICROSECOND}"
    rows = ask(
        lake,
        f"""
        SELECT con_id, step, last_value(price ORDER BY observed_at) AS price FROM (
            SELECT con_id, observed_at, CAST(price AS DOUBLE) AS price, {step} AS step
            FROM {POSITIONS}
            WHERE {landed_since(span.begin)} AND {within(span, "observed_at")}
                AND price IS NOT NULL
        ) GROUP BY con_id, step ORDER BY con_id, step
        """,
        POSITIONS,
    )
    return sparks_of((row["con_id"], row["step"], row["price"]) for row in rows)
