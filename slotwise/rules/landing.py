"""Landing: entries of the stream become rows of tables.

Everything that is to reach the lake is appended to one ordered stream, as an entry: a head
(what it is) and Arrow rows. Landing folds a run of entries, in order, into the queue and into
one set of rows per table. It is a pure function of the queue's state and the entries, so a
landing that was interrupted anywhere can be folded again and gives the same rows; each table
records the offset it has reached, and entries up to it are not added again.

An entry that was kept in a spool before it was sent names it as its origin. Redis may lose such an
entry, and the spool sends it again, under another offset; so each table also records, for each
spool, the number it has reached: its spool offset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec
import pyarrow as pa

from slotwise.contract import PositionKey
from slotwise.rules.position_queue import Attempt, Batch, NewItem, PositionQueue, QueueRow

#: Place in the stream: grows with every entry, never repeats. See `bus.landing_stream`.
Offset: TypeAlias = int


class Inserted(msgspec.Struct, frozen=True, tag=True):
    """Items were put into the queue."""

    items: tuple[NewItem, ...]
    at: datetime


class Leased(msgspec.Struct, frozen=True, tag=True):
    """Leases ran out (item id, batch id), and new ones were given.

    `untouched` names the batches of those that no worker began.
    """

    overdue: tuple[tuple[str, str], ...]
    batches: tuple[Batch, ...]
    at: datetime
    untouched: tuple[str, ...] = ()


class Answered(msgspec.Struct, frozen=True, tag=True):
    """The result of a batch; its rows are in the order of `succeeded`.

    `closed` names items whose holding is closed. Where nothing was `tried` the failed ones wait on.
    """

    attempt: Attempt
    succeeded: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    closed: tuple[str, ...] = ()
    tried: bool = True


class Rows(msgspec.Struct, frozen=True, tag=True):
    """Rows for a table that does not affect the queue."""

    table: str


class Retried(msgspec.Struct, frozen=True, tag=True):
    """Items that had failed for good are put back."""

    rows: tuple[QueueRow, ...]
    at: datetime


Head: TypeAlias = Inserted | Leased | Answered | Rows | Retried


class Unreadable(msgspec.Struct, frozen=True):
    """A placeholder for an entry that cannot be read: its bytes, and the reason.

    The reader of the stream sets it aside before it folds.
    """

    reason: str
    head: bytes
    rows: bytes | None


class Origin(msgspec.Struct, frozen=True):
    """Name the spool that an entry was kept in, and its number there, which grows."""

    spool: str
    number: int


class Entry(msgspec.Struct, frozen=True):
    """Hold one entry of the stream and its place in it."""

    offset: Offset
    head: Head | Unreadable
    rows: pa.RecordBatch | None = None
    origin: Origin | None = None


POSITIONS = "position_updates"
QUEUE = "position_queue"

#: The number that a table has reached, by table and spool.
SpoolOffsets: TypeAlias = dict[tuple[str, str], int]


def table_fed(entry: Entry) -> str:
    """Return the table that decides whether an entry has landed."""
    match entry.head:
        case Rows(table=table):
            return table
        case _:
            return QUEUE


def fold(
    queue: PositionQueue,
    entries: Iterable[Entry],
    reached: Mapping[str, Offset],
    spool_offsets: SpoolOffsets | None = None,
) -> dict[str, list[pa.RecordBatch]]:
    """Apply entries to the queue and collect the rows that each table still lacks.

    `reached` is the offset of each table's last commit, `spool_offsets` the numbers, which are
    advanced. The queue must stand where `reached[QUEUE]` says. Rows of items that ended before
    are dropped.
    """
    rows: dict[str, list[pa.RecordBatch]] = defaultdict(list)
    spool_offsets = {} if spool_offsets is None else spool_offsets
    for entry in entries:
        table = table_fed(entry)
        if (cut := _rows_cut(entry, table, reached)) is not None:
            rows[POSITIONS].append(cut)
        if entry.offset <= reached.get(table, 0) or not _is_first(entry, table, spool_offsets):
            continue
        match entry.head:
            case Rows():
                if entry.rows is not None:
                    rows[table].append(entry.rows)
            case Unreadable(reason=reason):
                raise ValueError(f"entry {entry.offset} was not set aside: {reason}")
            case head:
                kept = _apply(queue, head, entry.rows)
                if kept is not None and entry.offset > reached.get(POSITIONS, 0):
                    rows[POSITIONS].append(kept)
    return dict(rows)


def _rows_cut(entry: Entry, table: str, reached: Mapping[str, Offset]) -> pa.RecordBatch | None:
    """Return the rows of an answer that the queue has and `position_updates` has lost.

    Rows are committed before the queue; a repair after a power cut may have cut them alone.
    """
    if table != QUEUE or not isinstance(entry.head, Answered):
        return None
    if not reached.get(POSITIONS, 0) < entry.offset <= reached.get(QUEUE, 0):
        return None
    return entry.rows


def _is_first(entry: Entry, table: str, spool_offsets: SpoolOffsets) -> bool:
    """Return whether a spool's entry was not seen before, and advance the table's spool offset."""
    if entry.origin is None:
        return True
    key = (table, entry.origin.spool)
    if entry.origin.number <= spool_offsets.get(key, 0):
        return False
    spool_offsets[key] = entry.origin.number
    return True


def _apply(
    queue: PositionQueue, head: Inserted | Leased | Answered | Retried, rows: pa.RecordBatch | None
) -> pa.RecordBatch | None:
    match head:
        case Inserted(items=items, at=at):
            queue.insert(items, at)
        case Leased(overdue=overdue, batches=batches, at=at, untouched=untouched):
            queue.release(overdue, at, untouched)
            for batch in batches:
                queue.lease(batch)
        case Retried(rows=failed_rows, at=at):
            queue.put_back(failed_rows, at)
        case Answered(attempt=attempt, succeeded=succeeded, failed=failed):
            accepted = queue.mark_success(succeeded, attempt)
            queue.mark_closed(head.closed, attempt)
            queue.mark_failed(failed, attempt, tried=head.tried)
            if rows is not None and accepted:
                kept = [item_id in accepted for item_id in succeeded]
                return rows if all(kept) else rows.filter(pa.array(kept))
    return None


def holdings_under_way(entries: Iterable[Entry]) -> set[PositionKey]:
    """Return the holdings in entries that may not be in the lake yet."""
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
