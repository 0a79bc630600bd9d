"""A batch's answer: its holdings, read from the newest snapshot and the newest quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from slotwise.contract import PositionKey
from slotwise.position import Position, SnapshotHead
from slotwise.quote import Quote, newest_by
from slotwise.rules.marks.marked import Marked
from slotwise.rules.position_queue import Batch
from slotwise.rules.valuation import PositionRow, position_row


class Answer(msgspec.Struct, frozen=True):
    """Hold a batch's outcome; `rows` are in the order of `succeeded`.

    `closed` names items whose holding is closed. Where nothing was `tried`, for want of a fresh
    snapshot, all failed without an attempt.
    """

    succeeded: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    rows: tuple[PositionRow, ...]
    closed: tuple[str, ...] = ()
    tried: bool = True


def answer_batch(
    batch: Batch,
    found: tuple[SnapshotHead, Mapping[PositionKey, Position]] | None,
    quotes: Mapping[int, Quote],
    age_s: float,
    max_age_s: float,
    polled: Mapping[int, Quote] | None = None,
    marks: Mapping[int, Marked] | None = None,
) -> Answer:
    """Value each holding of a batch; without a fresh complete snapshot nothing is tried.

    What the snapshot has no more is closed: each closing is a row that needs no batch.

    `found` is the snapshot's head and the batch's positions in it, None without a snapshot;
    `age_s` is how old it is, by the board.
    `quotes` are the newest now, `polled` the newest when the snapshot was taken, `marks` the newest
    on the board.
    """
    head, positions = found if found is not None else (None, {})
    why = why_not_fresh(head, age_s, max_age_s)
    if why or head is None:
        return _untried_answer(batch, why)
    succeeded, closed, rows = [], [], []
    for item in batch.items:
        position = positions.get((item.account, item.con_id))
        if position is None:
            closed.append(item.item_id)
            continue
        succeeded.append(item.item_id)
        known = (quotes.get(item.con_id), (polled or {}).get(item.con_id))
        quote, at = _quote_and_time(position, known)
        rows.append(
            position_row(
                position,
                quote,
                source="batch",
                batch_id=batch.batch_id,
                item_id=item.item_id,
                observed_at=at,
                mark=(marks or {}).get(item.con_id),
            )
        )
    return Answer(tuple(succeeded), (), tuple(rows), tuple(closed))


def _quote_and_time(
    position: Position, known: Sequence[Quote | None]
) -> tuple[Quote | None, datetime]:
    """Choose the quote that values a position, and the time of its row.

    The newest from before the position was observed. Where all are from after it, as at the start,
    the row is as new as the first of them: what is held by then is what was read last.
    """
    at = position.observed_at
    quote = newest_by(at, known)
    if quote is None:
        quote = min(filter(None, known), key=lambda one: one.observed_at, default=None)
    return quote, at if quote is None else max(at, quote.observed_at)


def why_not_fresh(head: SnapshotHead | None, age_s: float, max_age_s: float) -> str:
    """Return why nothing can be polled from a snapshot; empty where it can."""
    if head is None:
        return "no complete position snapshot yet: is the gateway connected?"
    return f"the newest position snapshot is {age_s:.0f} s old" if age_s > max_age_s else ""


def _untried_answer(batch: Batch, reason: str) -> Answer:
    failed = tuple((item.item_id, reason) for item in batch.items)
    return Answer((), failed, (), tried=False)
