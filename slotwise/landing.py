"""Landing: entries of the stream become rows of tables.

Everything that is to reach the lake is appended to one ordered stream, as an entry: a head
(what it is) and Arrow rows. Landing folds a run of entries, in order, into the queue and into
one set of rows per table. It is a pure function of the queue's state and the entries, so a
landing that was cut short anywhere can be folded again and gives the same rows; each table
remembers the offset it has reached, and entries up to it are not added again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec
import pyarrow as pa

from slotwise.contract import PositionKey
from slotwise.position_queue import Attempt, Batch, NewItem, PositionQueue

#: Place in the stream: grows with every entry, never repeats. See `bus.landing_stream`.
Offset: TypeAlias = int


class Inserted(msgspec.Struct, frozen=True, tag=True):
    """Say that items were put into the queue."""

    items: tuple[NewItem, ...]
    at: datetime


class Leased(msgspec.Struct, frozen=True, tag=True):
    """Say that leases ran out (item id, batch id) and that new ones were given."""

    overdue: tuple[tuple[str, str], ...]
    batches: tuple[Batch, ...]
    at: datetime


class Answered(msgspec.Struct, frozen=True, tag=True):
    """Say what became of a batch; its rows are in the order of `succeeded`."""

    attempt: Attempt
    succeeded: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


class Rows(msgspec.Struct, frozen=True, tag=True):
    """Carry rows for a table that has no say in the queue."""

    table: str


Head: TypeAlias = Inserted | Leased | Answered | Rows


class Entry(msgspec.Struct, frozen=True):
    """Hold one entry of the stream and its place in it."""

    offset: Offset
    head: Head
    rows: pa.RecordBatch | None = None


POSITIONS = "position_updates"
QUEUE = "position_queue"


def fold(
    queue: PositionQueue, entries: Iterable[Entry], reached: Mapping[str, Offset]
) -> dict[str, list[pa.RecordBatch]]:
    """Apply entries to the queue and collect the rows that each table still lacks.

    `reached` is the offset of each table's last commit. The queue must stand where
    `reached[QUEUE]` says. Rows of items that ended before are dropped.
    """
    rows: dict[str, list[pa.RecordBatch]] = defaultdict(list)
    for entry in entries:
        match entry.head:
            case Rows(table=table):
                if entry.rows is not None and entry.offset > reached.get(table, 0):
                    rows[table].append(entry.rows)
            case head:
                if entry.offset <= reached.get(QUEUE, 0):
                    continue
                kept = _apply(queue, head, entry.rows)
                if kept is not None and entry.offset > reached.get(POSITIONS, 0):
                    rows[POSITIONS].append(kept)
    return dict(rows)


def _apply(
    queue: PositionQueue, head: Inserted | Leased | Answered, rows: pa.RecordBatch | None
) -> pa.RecordBatch | None:
    match head:
        case Inserted(items=items, at=at):
            queue.insert(items, at)
        case Leased(overdue=overdue, batches=batches, at=at):
            queue.release(overdue, at)
            for batch in batches:
                queue.lease(batch)
        case Answered(attempt=attempt, succeeded=succeeded, failed=failed):
            accepted = queue.mark_success(succeeded, attempt)
            queue.mark_failed(failed, attempt)
            if rows is not None and accepted:
                return rows.filter(pa.array([item_id in accepted for item_id in succeeded]))
    return None


def holdings_under_way(entries: Iterable[Entry]) -> set[PositionKey]:
    """Name the holdings that entries speak of and the lake may not have yet."""
    keys: set[PositionKey] = set()
    for entry in entries:
        match entry.head:
            case Inserted(items=items):
                keys.update((item.account, item.con_id) for item in items)
            case Answered() | Rows(table="position_updates") if entry.rows is not None:
                rows = entry.rows.select(["account", "con_id"]).to_pylist()
                keys.update((row["account"], row["con_id"]) for row in rows)
            case _:
                pass
    return keys
