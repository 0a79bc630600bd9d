"""The rows that a queue item's changes leave; `position_queue` decides which change it is.

Each change raises the revision by one, so that the newest row of an item is known.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from slotwise.queue_item import Attempt, Batch, NewItem, QueueRow, State


def inserted_row(item: NewItem, now: datetime) -> QueueRow:
    """Return the first row of an item."""
    return QueueRow(
        item_id=item.item_id,
        account=item.account,
        con_id=item.con_id,
        priority=item.priority,
        state="waiting",
        revision=0,
        attempt=0,
        inserted_at=now,
    )


def raised_row(row: QueueRow, priority: int) -> QueueRow:
    """Return an item with another priority."""
    return msgspec.structs.replace(row, revision=row.revision + 1, priority=priority)


def leased_row(row: QueueRow, batch: Batch) -> QueueRow:
    """Return an item as leased to a batch, with one attempt more."""
    return msgspec.structs.replace(
        row,
        state="leased",
        revision=row.revision + 1,
        attempt=row.attempt + 1,
        batch_id=batch.batch_id,
        leased_at=batch.leased_at,
        lease_until=batch.lease_until,
        worker=None,
        started_at=None,
        ended_at=None,
        error=None,
    )


def tried_row(
    row: QueueRow, state: State, attempt: Attempt | None, error: str | None, now: datetime | None
) -> QueueRow:
    """Return an item after an attempt; without one it was decided at `now`."""
    return msgspec.structs.replace(
        row,
        state=state,
        revision=row.revision + 1,
        batch_id=attempt.batch_id if attempt else row.batch_id,
        worker=attempt.worker if attempt else None,
        started_at=attempt.started_at if attempt else None,
        ended_at=attempt.ended_at if attempt else now,
        error=error,
    )


def put_back_row(row: QueueRow, now: datetime) -> QueueRow:
    """Return a failed item as waiting again, with all its attempts."""
    return msgspec.structs.replace(
        row,
        state="waiting",
        revision=row.revision + 1,
        attempt=0,
        inserted_at=now,
        batch_id=None,
        leased_at=None,
        lease_until=None,
        worker=None,
        started_at=None,
        ended_at=None,
        error=None,
    )
