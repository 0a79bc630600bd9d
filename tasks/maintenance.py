"""`maintain`: small files into large ones, old log entries and unused files away.

It runs on a poll worker, beside landings: the lake worker must not wait for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import structlog

from slotwise.errors import LakeError
from slotwise.lake.latest_positions import keep_book
from slotwise.lake.maintenance import Maintained, maintain_table
from slotwise.lake.position_checkpoints import make_position_checkpoint
from slotwise.lake.schemas import TABLES
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
        done = _run_steps(context().lake, datetime.now(UTC))
    for one in done:
        log.info(
            "maintained",
            table=one.table,
            files=f"{one.files_before} to {one.files_after}",
            deleted=one.deleted,
        )
    return [msgspec.to_builtins(one) for one in done]


def _run_steps(lake: Lake, now: datetime) -> list[Maintained]:
    """Run each step by itself: a table that refuses stops no other. One line for each reason."""
    steps: dict[str, Callable[[], object]] = {
        "book": lambda: keep_book(lake, now),
        "marks": lambda: make_position_checkpoint(lake, now),
        **{name: partial(maintain_table, lake, name, now.date()) for name in TABLES},
    }
    done, refused = [], defaultdict(list)
    for name, step in steps.items():
        try:
            found = step()
        except LakeError as error:
            refused[str(error)].append(name)
            continue
        if isinstance(found, Maintained):
            done.append(found)
    for reason, names in refused.items():
        log.warning("not maintained", what=", ".join(names), reason=reason)
    return done
