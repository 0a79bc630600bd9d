"""How old quotes were over a day, from table `quotes`.

A contract counts from its first quote of the day on. Of each contract only one quote a minute or
so is kept (`SLOTWISE_QUOTE_ROW_INTERVAL_S`), so an age may be greater than it was by as much.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import ceil

import msgspec

from slotwise.lake.sql import ask, ask_arrow
from slotwise.lake.store import Lake
from slotwise.report.day import AgeBucket, QuoteGap, Quotes
from slotwise.report.span import Span
from slotwise.report.sql import bucket_of, landed_since, us, us_of, within

#: Contracts named for having gone without a quote for longest: more is no reading for a person.
GAPS_NAMED = 10
#: Part of the contracts whose quotes are no older than the bound that is drawn.
MOST = 0.95


class NewestQuote(msgspec.Struct, frozen=True):
    """Hold when the last quote of a contract within a bucket was observed."""

    bucket: int
    con_id: int
    at: datetime


def quotes_of_day(lake: Lake, span: Span) -> Quotes:
    """Read the day's quotes and their ages; raises LakeError."""
    here = (
        f"{within(span, 'observed_at')} AND {landed_since(span.begin)}"
        " AND coalesce(source, '') <> 'stream'"
    )
    [total] = ask(
        lake,
        f"""
        SELECT count(*) AS quotes, count(DISTINCT con_id) AS contracts,
            coalesce(sum(CASE WHEN delayed THEN 1 ELSE 0 END), 0) AS delayed
        FROM quotes WHERE {here}
        """,
        "quotes",
    )
    newest = ask_arrow(
        lake,
        f"""
        SELECT {bucket_of(span, "observed_at")} AS bucket, con_id, max(observed_at) AS at
        FROM quotes WHERE {here} GROUP BY 1, 2 ORDER BY 1
        """,
        "quotes",
    )
    columns = (newest[name].to_pylist() for name in NewestQuote.__struct_fields__)
    return Quotes(
        quotes=total["quotes"],
        contracts=total["contracts"],
        delayed=total["delayed"],
        ages=ages(map(NewestQuote, *columns), span),
        gaps=_gaps(lake, span, here),
    )


def ages(newest: Iterable[NewestQuote], span: Span) -> tuple[AgeBucket, ...]:
    """Return how old quotes were at the end of each bucket; `newest` comes in order of buckets."""
    found: list[AgeBucket] = []
    last: dict[int, datetime] = {}
    waiting = iter(newest)
    one = next(waiting, None)
    for bucket in range(span.buckets()):
        while one is not None and one.bucket <= bucket:
            last[one.con_id] = one.at
            one = next(waiting, None)
        if last:
            found.append(_bucket(list(last.values()), bucket, span))
    return tuple(found)


def _bucket(quoted_at: list[datetime], bucket: int, span: Span) -> AgeBucket:
    quoted_at.sort(reverse=True)
    count = len(quoted_at)
    ends = min(span.bucket_begin(bucket + 1), span.until)

    def age_s(part: float) -> float:
        """Return the least age that this part of the contracts does not exceed."""
        return (ends - quoted_at[ceil(part * count) - 1]).total_seconds()

    return AgeBucket(span.bucket_begin(bucket), count, age_s(0.5), age_s(MOST), age_s(1.0))


def _gaps(lake: Lake, span: Span, here: str) -> tuple[QuoteGap, ...]:
    """Read the longest time without a new quote of the contracts where it was longest."""
    rows = ask(
        lake,
        f"""
        WITH recorded AS (
            SELECT con_id, coalesce(symbol, '') AS symbol, observed_at AS begin,
                {us_of("observed_at")} AS begin_us
            FROM quotes WHERE {here}
        ), waits AS (
            SELECT con_id, symbol, begin, (coalesce(
                lead(begin_us) OVER (PARTITION BY con_id ORDER BY begin_us), {us(span.until)}
            ) - begin_us) / 1e6 AS seconds
            FROM recorded
        ), placed AS (
            SELECT con_id, symbol, begin, seconds,
                row_number() OVER (PARTITION BY con_id ORDER BY seconds DESC, begin) AS place
            FROM waits
        )
        SELECT con_id, symbol, begin, seconds FROM placed WHERE place = 1
        ORDER BY seconds DESC, con_id LIMIT {GAPS_NAMED}
        """,
        "quotes",
    )
    return tuple(msgspec.convert(rows, list[QuoteGap]))
