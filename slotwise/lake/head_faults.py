"""Why a head, or one part of it, cannot land: values that no column holds, or no queue can use.

A head that can be decoded may still have a number beyond its column, a time without a zone, or an
empty name. Each head is looked at by itself, before it changes the queue. Rules:

* What stands beside each other in a head and needs nothing of its neighbours is looked at alone:
  an item, a lease that ran out, a batch, a row that is put back. The others land.
* A value that the whole head shares, such as its time, fails all of it.
* So does any value of an answer: its rows are in the order of its ids, and one id that is wrong
  leaves it open whose rows they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TypeAlias, TypeVar

import msgspec
import pyarrow as pa

from slotwise.lake.schemas import POSITION_QUEUE
from slotwise.rules.landing import Answered, Inserted, Leased, Retried
from slotwise.rules.position_queue import Attempt, Batch, NewItem, QueueRow

#: A named value of a head, to be held by the queue's column of that name.
Named: TypeAlias = tuple[str, object]
#: A head that changes the queue.
QueueHead: TypeAlias = Inserted | Leased | Answered | Retried
Part = TypeVar("Part")

#: Columns of the queue that no row may lack.
_NEEDED = frozenset(("item_id", "account", "con_id", "priority", "state", "revision", "attempt"))
#: Largest numbers of the queue's columns, by the bits of their types.
_LARGEST = {
    field.name: 2 ** (field.type.bit_width - 1) - 1
    for field in POSITION_QUEUE.sent
    if pa.types.is_integer(field.type)
}


class Parted(msgspec.Struct, frozen=True):
    """What of a head can land and what cannot, None for nothing of it; and why not."""

    fit: QueueHead | None
    unfit: QueueHead | None = None
    fault: str = ""


def parted(head: QueueHead) -> Parted:
    """Split a head into what can land and what cannot."""
    if (fault := _fault_among(_shared_values(head))) is not None:
        return Parted(None, head, fault)
    match head:
        case Inserted(items=items, at=at):
            fit, unfit, fault = _sort_parts(items, _fault_of_item)
            return _split_by(head, Inserted(fit, at), Inserted(unfit, at), fault)
        case Retried(rows=rows, at=at):
            kept, left, fault = _sort_parts(rows, _fault_of_row)
            return _split_by(head, Retried(kept, at), Retried(left, at), fault)
        case Leased():
            return _split_leases(head)
        case Answered():
            return Parted(head)


def _split_leases(head: Leased) -> Parted:
    overdue, odd, fault = _sort_parts(head.overdue, _fault_of_overdue)
    given: list[Batch] = []
    odd_given: list[Batch] = []
    for batch in head.batches:
        why = _fault_among(_of_batch(batch))
        items, odd_items, of_item = _sort_parts(batch.items, _fault_of_item)
        fault = fault or why or of_item
        if why is None and (items or not odd_items):
            given.append(msgspec.structs.replace(batch, items=items))
        if why is not None or odd_items:
            odd_given.append(batch if why else msgspec.structs.replace(batch, items=odd_items))
    fit = Leased(overdue, tuple(given), head.at, head.untouched)
    return _split_by(head, fit, Leased(odd, tuple(odd_given), head.at), fault)


def _split_by(head: QueueHead, fit: QueueHead, unfit: QueueHead, fault: str | None) -> Parted:
    if fault is None:
        return Parted(head)
    return Parted(fit if _says_something(fit) else None, unfit, fault)


def _says_something(head: QueueHead) -> bool:
    match head:
        case Inserted(items=parts) | Retried(rows=parts):
            return bool(parts)
        case Leased(overdue=overdue, batches=batches):
            return bool(overdue or batches)
        case Answered():
            return True


def _sort_parts(
    parts: Iterable[Part], fault_of: Callable[[Part], str | None]
) -> tuple[tuple[Part, ...], tuple[Part, ...], str | None]:
    """Sort parts into those that fit and those that do not, with the first reason."""
    fit: list[Part] = []
    unfit: list[Part] = []
    first: str | None = None
    for part in parts:
        fault = fault_of(part)
        (fit if fault is None else unfit).append(part)
        first = first or fault
    return tuple(fit), tuple(unfit), first


def _fault_among(values: Iterable[Named]) -> str | None:
    for name, value in values:
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


def _shared_values(head: QueueHead) -> Iterator[Named]:
    """Return the values that all parts of a head share."""
    match head:
        case Inserted(at=at):
            yield "inserted_at", at
        case Leased(at=at) | Retried(at=at):
            yield "ended_at", at
        case Answered(attempt=attempt, succeeded=succeeded, failed=failed):
            for name in Attempt.__struct_fields__:
                yield name, getattr(attempt, name)
            for item_id in (*succeeded, *(item_id for item_id, _ in failed)):
                yield "item_id", item_id


def _fault_of_item(item: NewItem) -> str | None:
    # Nearly all fit, and a poll of 10,000 has as many twice.
    if _fits(item):
        return None
    return _fault_among((name, getattr(item, name)) for name in NewItem.__struct_fields__)


def _fits(item: NewItem) -> bool:
    """Return True where no part of an item is empty or too large; `_fault` names the part."""
    return (
        not (item.item_id.isspace() or item.account.isspace())
        and bool(item.item_id and item.account)
        and -_LARGEST["con_id"] <= item.con_id <= _LARGEST["con_id"]
        and -_LARGEST["priority"] <= item.priority <= _LARGEST["priority"]
    )


def _fault_of_row(row: QueueRow) -> str | None:
    return _fault_among((name, getattr(row, name)) for name in QueueRow.__struct_fields__)


def _fault_of_overdue(overdue: tuple[str, str]) -> str | None:
    item_id, batch_id = overdue
    return _fault_among((("item_id", item_id), ("batch_id", batch_id)))


def _of_batch(batch: Batch) -> Iterator[Named]:
    yield "batch_id", batch.batch_id
    yield "leased_at", batch.leased_at
    yield "lease_until", batch.lease_until
