"""`maintain`: small files into large ones, old log entries and unused files away.

It runs on a poll worker, beside landings: the lake worker must not wait for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from slotwise.lake.book_keep import keep_book
from slotwise.lake.maintenance import maintain as maintain_lake
from slotwise.lake.marks import mark
from slotwise.lake.store import Lake
from tasks.app import task
from tasks.context import context

log = structlog.get_logger(__name__)

#: Compacting a day's first 17,000 files took 17 s and 2 GB; after a long pause it may, seconds.
SOFT_LIMIT_S, HARD_LIMIT_S = 240, 270


@task(
    "tasks.maintenance.maintain",
    soft_time_limit=SOFT_LIMIT_S,
    time_limit=HARD_LIMIT_S,
)
def maintain() -> list[dict[str, Any]]:
    """Maintain every table that needs it, and say what was done."""
    with context().maintenance_lease.held() as token:
        if token is None:
            log.info("another worker maintains the lake")
            return []
        lake, now = Lake(context().settings.lake_path), datetime.now(UTC)
        keep_book(lake, now)
        mark(lake, now)
        done = maintain_lake(lake, now.date())
    for one in done:
        log.info(
            "maintained",
            table=one.table,
            files=f"{one.files_before} to {one.files_after}",
            deleted=one.deleted,
        )
    return [msgspec.to_builtins(one) for one in done]
