"""What landed on a day, from tables `position_updates` and `position_queue`.

All rows of a commit carry one time, so commits that brought rows are counted by it.
"""

from __future__ import annotations

from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.report.day import LandingBucket, Landings, QueueDay
from slotwise.report.span import Span
from slotwise.report.sql import bucket_of, landed_since, us_of, within


def landings_of_day(lake: Lake, span: Span) -> Landings:
    """Count the rows of positions that landed, and their commits; raises LakeError."""
    here = f"{within(span, 'landed_at')} AND {landed_since(span.begin)}"
    [total] = ask(
        lake,
        f"""
        SELECT count(*) AS rows, count(DISTINCT landed_at) AS commits,
            approx_percentile_cont(0.5) WITHIN GROUP (ORDER BY behind_s) AS behind_median_s,
            max(behind_s) AS behind_worst_s
        FROM (
            SELECT landed_at,
                ({us_of("landed_at")} - {us_of("observed_at")}) / 1e6 AS behind_s
            FROM position_updates WHERE {here}
        )
        """,
        "position_updates",
    )
    buckets = ask(
        lake,
        f"""
        SELECT {bucket_of(span, "landed_at")} AS bucket, count(*) AS rows,
            count(DISTINCT landed_at) AS commits
        FROM position_updates WHERE {here} GROUP BY 1 ORDER BY 1
        """,
        "position_updates",
    )
    sources = ask(
        lake,
        "SELECT coalesce(source, 'unknown') AS source, count(*) AS rows FROM position_updates"
        f" WHERE {here} GROUP BY 1 ORDER BY 2 DESC, 1",
        "position_updates",
    )
    return Landings(
        **total,
        by_source={row["source"]: row["rows"] for row in sources},
        buckets=tuple(
            LandingBucket(span.bucket_begin(row["bucket"]), row["rows"], row["commits"])
            for row in buckets
        ),
    )


def queue_of_day(lake: Lake, span: Span) -> QueueDay:
    """Count what became of queue items; raises LakeError."""
    [row] = ask(
        lake,
        f"""
        SELECT count(DISTINCT landed_at) AS commits,
            count(DISTINCT CASE WHEN {within(span, "inserted_at")} THEN item_id END) AS inserted,
            count(DISTINCT CASE WHEN state = 'succeeded' THEN item_id END) AS succeeded,
            count(DISTINCT CASE WHEN state = 'failed' THEN item_id END) AS failed
        FROM position_queue
        WHERE {within(span, "landed_at")} AND {landed_since(span.begin)}
        """,
        "position_queue",
    )
    return QueueDay(**row)
