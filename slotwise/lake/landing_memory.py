"""The memory of the lander: the queue, rows to commit, how far each table and spool has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_QUEUE
from slotwise.lake.writer import OpenSince
from slotwise.rules.landing import (
    POSITIONS,
    QUEUE,
    Entry,
    Inserted,
    Offset,
    Origin,
    Retried,
    SpoolOffsets,
    fold,
)
from slotwise.rules.position_queue import Attempt, PositionQueue

#: Before a spool's name: the number that the landing which committed the rows had seen.
SEEN = "seen:"


class Writer(Protocol):
    """Append to one table, exactly once per offset; `lake.writer.TableWriter` does."""

    @property
    def offset(self) -> Offset: ...
    @property
    def landing(self) -> int: ...
    def spool_offset(self, spool: str) -> int: ...
    def land(
        self,
        batches: Sequence[pa.RecordBatch],
        upto: Offset,
        now: datetime,
        spool_offsets: Mapping[str, int] | None = None,
        open_since: OpenSince | None = None,
    ) -> int: ...


class Memory:
    """Hold what is known between two landings: a copy of what lake and stream say."""

    def __init__(
        self, writers: dict[str, Writer], queue: PositionQueue, open_from: OpenSince
    ) -> None:
        self.writers = writers
        self.queue = queue
        self.cursor: Offset = 0
        self.pending_rows = 0
        self._reached = {name: writer.offset for name, writer in writers.items()}
        self._pending: dict[str, list[pa.RecordBatch]] = defaultdict(list)
        self._landed_upto: Offset = 0
        self._spool_offsets: SpoolOffsets = {}
        self._numbers: dict[str, int] = {}
        #: By spool: what a landing had seen that committed its rows, and perhaps no queue.
        self._seen: dict[str, int] = {}
        #: Items whose row has landed, with its batch, while their answer may still be read.
        self._answer_lost: dict[str, str] = {}
        #: Since which landings each item that has not ended may have rows.
        self._open_from = dict.fromkeys(queue.item_ids(), open_from)

    def open_from(self) -> OpenSince:
        """Return since which landings items that have not ended have rows, the next included."""
        known = self._open_from
        queue, rows = self.writers[QUEUE].landing + 1, self.writers[POSITIONS].landing + 1
        coming = OpenSince(queue, rows)
        self._open_from = {name: known.get(name, coming) for name in self.queue.item_ids()}
        return OpenSince(
            min((since.queue for since in self._open_from.values()), default=queue),
            min((since.rows for since in self._open_from.values()), default=rows),
        )

    def offsets_of(self, table: str) -> dict[str, int]:
        """Return the number that a table reaches of each spool with the rows to commit."""
        offsets = self._spool_offsets.items()
        return {spool: number for (name, spool), number in offsets if name == table and number}

    def seen(self) -> dict[str, int]:
        """Return the newest number seen of each spool, under the names that rows are given."""
        return {f"{SEEN}{spool}": number for spool, number in self._numbers.items() if number}

    def again_in(self, entries: Sequence[Entry]) -> dict[str, datetime]:
        """Return the items of entries that may have a row unknown to the queue, with a time."""
        again: dict[str, datetime] = {}
        for entry in entries:
            if entry.origin is not None:
                self._learn(entry.origin)
            match entry.head:
                case Inserted(items=items, at=at):
                    origin = entry.origin
                    if origin is not None and origin.number <= self._seen[origin.spool]:
                        again.update((item.item_id, at) for item in items)
                case Retried(rows=rows, at=at):
                    again.update((row.item_id, row.ended_at or at) for row in rows)
                case _:
                    pass
        return again

    def newest_numbers(self) -> Mapping[str, int]:
        """Return the newest number seen of each spool: what came before it has been committed."""
        return self._numbers

    @property
    def newest(self) -> Offset:
        """Return the highest offset known, read or committed."""
        return max(self.cursor, *self._reached.values())

    def add(self, fitting: Sequence[Entry], landed: Mapping[str, str], now: datetime) -> None:
        """Take entries in that fit; items whose row has landed, by their batches, end.

        Entries up to the offset of the rows are folded as the landing folded them that committed
        the rows, and their answers end their items: which of two insertions of a holding is an
        item of its own depends on when the one before it ended. Behind that offset an item ends
        before anything else comes of it: its answer may come again as well.
        """
        each_alone = landed or self._answer_lost
        pieces: list[Sequence[Entry]] = [[one] for one in fitting] if each_alone else [fitting]
        for piece in pieces:
            repeated = bool(piece) and piece[0].offset <= self._reached[POSITIONS]
            if not repeated:
                self.settle(now)
            folded = fold(self.queue, piece, self._reached, self._spool_offsets)
            for table, batches in folded.items():
                self._pending[table] += batches
                self.pending_rows += sum(batch.num_rows for batch in batches)
            named = _items_of(piece) if landed else []
            self._answer_lost |= {name: landed[name] for name in named if name in landed}
            if not repeated:
                self.settle(now)
        if fitting:
            self.cursor = fitting[-1].offset

    def has_landed(self, batches: Mapping[str, str]) -> None:
        """Learn that the rows of these items have landed, by their batches."""
        self._answer_lost |= batches

    def settle(self, now: datetime) -> None:
        """End the items whose row has landed, and whose answer Redis has lost."""
        for item_id, batch_id in self._answer_lost.items():
            self.queue.mark_success((item_id,), Attempt(batch_id, "recovered", now, now))
        self._answer_lost = {}

    def _learn(self, origin: Origin) -> None:
        if origin.spool not in self._seen:
            self._seen[origin.spool] = self.writers[POSITIONS].spool_offset(f"{SEEN}{origin.spool}")
            for name, writer in self.writers.items():
                self._spool_offsets[name, origin.spool] = writer.spool_offset(origin.spool)
        # The queue is committed last: with its number, all before it is in every table.
        known = self._numbers.get(origin.spool, self._spool_offsets[QUEUE, origin.spool])
        self._numbers[origin.spool] = max(known, origin.number)

    def take(self) -> dict[str, list[pa.RecordBatch]] | None:
        """Hand out the rows to commit, and begin the next landing's; None when nothing is new."""
        rows, self._pending, self.pending_rows = dict(self._pending), defaultdict(list), 0
        if changed := self.queue.take_rows():
            rows[QUEUE] = [to_batch(changed, POSITION_QUEUE.sent)]
        if not rows and self.cursor == self._landed_upto:
            return None
        self._landed_upto = self.cursor
        rows.setdefault(POSITIONS, [])
        return rows


def _items_of(entries: Sequence[Entry]) -> list[str]:
    """Return the items that entries insert or put back."""
    found = []
    for entry in entries:
        match entry.head:
            case Inserted(items=items):
                found += [item.item_id for item in items]
            case Retried(rows=rows):
                found += [row.item_id for row in rows]
            case _:
                pass
    return found
