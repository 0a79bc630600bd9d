"""`land`: everything in the landing stream becomes at most one commit per table."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import structlog

from slotwise.bus.status import LandingLine, QueueStatus
from slotwise.errors import LakeError, StaleWriterError
from tasks.app import task
from tasks.context import context
from tasks.lake_lock import lake_turn
from tasks.lake_outage import refusals
from tasks.queue_status import queue_status

log = structlog.get_logger(__name__)


@task("tasks.landing.land", ignore_result=True)
def land() -> None:
    """Commit what has been polled, streamed and recorded since the last landing."""
    now = datetime.now(UTC)
    began = time.perf_counter()
    try:
        with lake_turn() as lander:
            if lander is None:
                return
            landed = lander.land(now)
            queue = lander.queue(now)
    except StaleWriterError as error:
        # The other writer has landed the same entries; the next beat reads what it left.
        log.info("landing left to another writer", reason=str(error))
        return
    except LakeError as error:
        refusals.refused(error)
        return
    refusals.accepted()
    seconds = time.perf_counter() - began
    status = context().status
    landing = LandingLine(at=now, rows=landed.rows, ms=seconds * 1000)
    entries = context().landing.length()
    status.put(queue_status(queue, status.get(QueueStatus), landing, entries))
    log.info("landed", rows=landed.rows, tables=len(landed.tables), ms=round(seconds * 1000))
