"""Why the head of an entry cannot land: values that a column cannot hold, or that no queue can use.

A head that can be decoded may still have a number beyond its column, a time without a zone, or an
empty name. Each head is looked at by itself, before it changes the queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

import pyarrow as pa

from slotwise.lake.schemas import POSITION_QUEUE
from slotwise.rules.landing import Answered, Inserted, Leased, Retried
from slotwise.rules.position_queue import Attempt, Batch, NewItem, QueueRow

#: A named value of a head, to be held by the queue's column of that name.
Named: TypeAlias = tuple[str, object]

#: Columns of the queue that no row may lack.
_NEEDED = frozenset(("item_id", "account", "con_id", "priority", "state", "revision", "attempt"))
#: Largest numbers of the queue's columns, by the bits of their types.
_LARGEST = {
    field.name: 2 ** (field.type.bit_width - 1) - 1
    for field in POSITION_QUEUE.sent
    if pa.types.is_integer(field.type)
}


def fault_of_head(head: Inserted | Leased | Answered | Retried) -> str | None:
    """Return why a head cannot land; None for one that can."""
    for name, value in _values(head):
        if (fault := _fault(name, value)) is not None:
            return fault
    return None


def _fault(name: str, value: object) -> str | None:
    if isinstance(value, str):
        return f"{name} is empty" if name in _NEEDED and not value.strip() else None
    if isinstance(value, bool) or value is None:
        return f"{name} is missing" if name in _NEEDED and value is None else None
    if isinstance(value, int):
        largest = _LARGEST.get(name, 2**63 - 1)
        return None if -largest <= value <= largest else f"{name} {value} does not fit its column"
    if isinstance(value, datetime) and value.tzinfo is None:
        return f"{name} {value.isoformat()} has no zone"
    return None


def _values(head: Inserted | Leased | Answered | Retried) -> Iterator[Named]:
    """Name every value of a head that comes into the queue."""
    match head:
        case Inserted(items=items, at=at):
            yield "inserted_at", at
            yield from _of_items(items)
        case Leased(overdue=overdue, batches=batches, at=at):
            yield "ended_at", at
            for item_id, batch_id in overdue:
                yield "item_id", item_id
                yield "batch_id", batch_id
            for batch in batches:
                yield from _of_batch(batch)
        case Answered(attempt=attempt, succeeded=succeeded, failed=failed):
            yield from _of_attempt(attempt)
            for item_id in (*succeeded, *(item_id for item_id, _ in failed)):
                yield "item_id", item_id
        case Retried(rows=rows, at=at):
            yield "ended_at", at
            for row in rows:
                for name in QueueRow.__struct_fields__:
                    yield name, getattr(row, name)


def _of_items(items: tuple[NewItem, ...]) -> Iterator[Named]:
    for item in items:
        # Nearly all fit, and a poll of 10,000 has as many twice.
        if not _fits(item):
            for name in NewItem.__struct_fields__:
                yield name, getattr(item, name)


def _fits(item: NewItem) -> bool:
    """Return whether nothing of an item is empty or too large; `_fault` says what is."""
    return (
        not (item.item_id.isspace() or item.account.isspace())
        and bool(item.item_id and item.account)
        and -_LARGEST["con_id"] <= item.con_id <= _LARGEST["con_id"]
        and -_LARGEST["priority"] <= item.priority <= _LARGEST["priority"]
    )


def _of_batch(batch: Batch) -> Iterator[Named]:
    yield "batch_id", batch.batch_id
    yield "leased_at", batch.leased_at
    yield "lease_until", batch.lease_until
    yield from _of_items(batch.items)


def _of_attempt(attempt: Attempt) -> Iterator[Named]:
    for name in Attempt.__struct_fields__:
        yield name, getattr(attempt, name)
