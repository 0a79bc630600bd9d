"""The last batches of the queue as pages draw them: when each was answered and landed."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from slotwise.lake.query_parts import timestamp
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.printable import printable
from slotwise.report.sql import landed_since
from slotwise.rules.landing import QUEUE
from workers.web.ages import epoch_ms

#: Batches that were leased in this time are drawn, the newest of them.
SINCE, MOST_BATCHES = timedelta(minutes=10), 60


class BatchFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One batch: when it was leased, ms until it was answered, and ms from then until it landed.

    None where that has not happened yet.
    """

    leased_at: int
    answered_ms: int | None
    landed_ms: int | None
    items: int
    errors: int
    worker: str


class Batches(msgspec.Struct, frozen=True, kw_only=True):
    """The last batches, oldest first."""

    batches: tuple[BatchFacts, ...]


class BatchRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the lake says of one batch."""

    leased_at: datetime
    ended_at: datetime | None
    landed_at: datetime | None
    items: int
    errors: int
    worker: str | None


def read_batches(lake: Lake, now: datetime) -> Batches:
    """Read the last batches; raises LakeError."""
    since = now - SINCE
    rows = ask(
        lake,
        f"""
        SELECT min(leased_at) AS leased_at, max(ended_at) AS ended_at,
            max(CASE WHEN ended_at IS NOT NULL THEN landed_at END) AS landed_at,
            count(DISTINCT item_id) AS items,
            count(DISTINCT CASE WHEN error IS NOT NULL THEN item_id END) AS errors,
            max(worker) AS worker
        FROM {QUEUE}
        WHERE {landed_since(since)} AND batch_id IS NOT NULL AND leased_at >= {timestamp(since)}
        GROUP BY batch_id ORDER BY leased_at DESC LIMIT {MOST_BATCHES}
        """,
        QUEUE,
    )
    return Batches(batches=tuple(map(batch_facts, reversed(msgspec.convert(rows, list[BatchRow])))))


def batch_facts(row: BatchRow) -> BatchFacts:
    """Return a batch as a page draws it; clocks that differ make no time negative."""
    return BatchFacts(
        leased_at=epoch_ms(row.leased_at),
        answered_ms=_ms(row.leased_at, row.ended_at),
        landed_ms=_ms(row.ended_at, row.landed_at),
        items=row.items,
        errors=row.errors,
        worker=printable(row.worker or ""),
    )


def _ms(begin: datetime | None, end: datetime | None) -> int | None:
    if begin is None or end is None:
        return None
    return max((end - begin) // timedelta(milliseconds=1), 0)
