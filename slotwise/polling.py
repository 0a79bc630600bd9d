"""A batch's answer: its holdings, read from the newest snapshot and the newest quotes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from slotwise.contract import PositionKey
from slotwise.position import Position, SnapshotHead
from slotwise.position_queue import Batch
from slotwise.quote import Quote
from slotwise.valuation import PositionRow, position_row


class Answer(msgspec.Struct, frozen=True):
    """Hold a batch's outcome; `rows` are in the order of `succeeded`."""

    succeeded: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    rows: tuple[PositionRow, ...]


def answer_batch(
    batch: Batch,
    found: tuple[SnapshotHead, Mapping[PositionKey, Position]] | None,
    quotes: Mapping[int, Quote],
    now: datetime,
    max_age_s: float,
) -> Answer:
    """Value each holding of a batch; without a fresh complete snapshot all of it fails.

    `found` is the snapshot's head and the batch's positions in it, None without a snapshot.
    """
    if found is None:
        return _all_failed(batch, "no complete position snapshot yet: is the gateway connected?")
    head, positions = found
    age_s = (now - head.completed_at).total_seconds()
    if age_s > max_age_s:
        return _all_failed(batch, f"the newest position snapshot is {age_s:.0f} s old")
    succeeded, failed, rows = [], [], []
    for item in batch.items:
        position = positions.get((item.account, item.con_id))
        if position is None:
            failed.append((item.item_id, f"not held in snapshot {head.snapshot_id}"))
            continue
        succeeded.append(item.item_id)
        rows.append(
            position_row(
                position,
                quotes.get(item.con_id),
                source="batch",
                batch_id=batch.batch_id,
                item_id=item.item_id,
            )
        )
    return Answer(tuple(succeeded), tuple(failed), tuple(rows))


def _all_failed(batch: Batch, reason: str) -> Answer:
    return Answer((), tuple((item.item_id, reason) for item in batch.items), ())
