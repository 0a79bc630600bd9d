"""The lander: reads the landing stream, keeps the queue, commits what is new.

It is the one writer of the tables that the stream feeds. Its memory (the queue and rows not
yet committed) is a copy of what the lake and the stream say; whenever that may be outdated it
is thrown away with `forget` and built again.

Should there be two of them after all, the first commit of each is the fence: every landing
commits to `position_updates` first, be it no row, and Delta refuses that where another landing
came in between. So whoever commits anything, or drops anything, had seen all that went before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import pyarrow as pa

from slotwise.lake.arrow import to_batch
from slotwise.lake.once import not_yet_landed
from slotwise.lake.queries import landed_items, unfinished_items
from slotwise.lake.schemas import POSITION_QUEUE, TABLES
from slotwise.lake.set_aside import NOT_FED, fit_to_land
from slotwise.lake.store import Lake
from slotwise.lake.writer import EPOCH, TableWriter, open_since
from slotwise.landing import POSITIONS, QUEUE, Entry, Marks, Offset, Origin, fold
from slotwise.position_queue import Attempt, PositionQueue

#: Entries read from Redis at once: 500 batches of 50 rows are some 8 MB.
READ_COUNT = 500
#: Rows committed at most in one landing, so that a long backlog is worked off in bounded memory.
ROWS_PER_LANDING = 200_000
#: The clocks of two lake workers, one after another, may differ by this much.
CLOCKS_DIFFER = timedelta(minutes=5)
#: Tables the stream feeds, in commit order. Positions before the queue: an item is called
#: landed only when its row is, and `_settle` repairs a crash between the two.
FED = (
    POSITIONS,
    *(name for name in TABLES if name != POSITIONS and name not in NOT_FED),
    QUEUE,
)


class Stream(Protocol):
    """Be the landing stream; `bus.landing_stream.LandingStream` is."""

    def read(self, after: Offset, count: int) -> list[Entry]: ...
    def drop(self, upto: Offset) -> None: ...
    def never_below(self, offset: Offset) -> None: ...
    def tell_landed(self, upto: Mapping[str, int]) -> None: ...


class Writer(Protocol):
    """Append to one table, exactly once per offset; `lake.writer.TableWriter` does."""

    @property
    def offset(self) -> Offset: ...
    def mark(self, spool: str) -> int: ...
    def land(
        self,
        batches: Sequence[pa.RecordBatch],
        upto: Offset,
        now: datetime,
        marks: Mapping[str, int] | None = None,
        open_since: datetime | None = None,
    ) -> int: ...


class Landed(msgspec.Struct, frozen=True):
    """Say what one landing committed."""

    rows: int
    tables: tuple[str, ...]


class Lander:
    """Bring entries of the stream into the lake, each exactly once."""

    def __init__(
        self,
        lake: Lake,
        stream: Stream,
        max_attempts: int = 5,
        open_writer: Callable[[Lake, str], Writer] = TableWriter,
    ) -> None:
        self._lake = lake
        self._stream = stream
        self._max_attempts = max_attempts
        self._open_writer = open_writer
        self._memory: _Memory | None = None

    def forget(self) -> None:
        """Drop all memory; the next call reads the lake and the stream anew."""
        self._memory = None

    def queue(self, now: datetime) -> PositionQueue:
        """Bring the queue up to the newest entry and return it."""
        return self._read(now).queue

    def land(self, now: datetime) -> Landed:
        """Commit everything in the stream: at most one commit per table.

        Raises StaleWriterError when another writer was faster, and LakeError; both leave
        nothing half done that the next landing does not repair.
        """
        try:
            memory = self._read(now)
            rows = memory.take()
            if rows is None:
                return Landed(0, ())
            open_from = memory.open_from(now)
            landed = {
                name: memory.writers[name].land(
                    not_yet_landed(self._lake, name, rows[name], now),
                    memory.cursor,
                    now,
                    memory.marks_of(name),
                    open_from if name == QUEUE else None,
                )
                for name in FED
                if name in rows
            }
            self._stream.drop(memory.cursor)
            self._stream.tell_landed(memory.newest_numbers())
        except BaseException:
            self.forget()
            raise
        return Landed(sum(landed.values()), tuple(landed))

    def _read(self, now: datetime) -> _Memory:
        if self._memory is None:
            self._memory = self._recall(now)
        memory = self._memory
        # A Redis that was emptied starts its ids anew: they must not fall behind the lake's.
        self._stream.never_below(memory.newest)
        while memory.pending_rows < ROWS_PER_LANDING:
            entries = self._stream.read(memory.cursor, READ_COUNT)
            memory.add(entries)
            if len(entries) < READ_COUNT:
                break
        return memory

    def _recall(self, now: datetime) -> _Memory:
        self._lake.ensure()
        writers = {name: self._open_writer(self._lake, name) for name in FED}
        known = open_since(self._lake, QUEUE) or EPOCH
        since = max(known - CLOCKS_DIFFER, EPOCH)
        queue = PositionQueue.restore(unfinished_items(self._lake, since), self._max_attempts)
        self._settle(queue, since, now)
        if writers[POSITIONS].offset != writers[QUEUE].offset:
            # A landing was cut short, or is still under way elsewhere: from here on it is too
            # late for the commit it has not made yet.
            settled = to_batch(queue.take_rows(), POSITION_QUEUE.sent)
            writers[QUEUE].land([settled], 0, now)
        return _Memory(writers, queue, known)

    def _settle(self, queue: PositionQueue, since: datetime, now: datetime) -> None:
        """End the items whose row was committed just before a crash."""
        if not queue.item_ids():
            return
        for batch_id, item_ids in landed_items(self._lake, queue.item_ids(), since).items():
            queue.mark_success(item_ids, Attempt(batch_id, "recovered", now, now))


class _Memory:
    """Hold what is known between two landings."""

    def __init__(
        self, writers: dict[str, Writer], queue: PositionQueue, open_from: datetime
    ) -> None:
        self.writers = writers
        self.queue = queue
        self.cursor: Offset = 0
        self.pending_rows = 0
        self._reached = {name: writer.offset for name, writer in writers.items()}
        self._pending: dict[str, list[pa.RecordBatch]] = defaultdict(list)
        self._landed_upto: Offset = 0
        self._marks: Marks = {}
        self._numbers: dict[str, int] = {}
        #: Since when rows of each item that has not ended may have landed.
        self._open_from = dict.fromkeys(queue.item_ids(), open_from)

    def open_from(self, now: datetime) -> datetime:
        """Tell since when rows of items that have not ended have landed, this landing included."""
        known = self._open_from
        self._open_from = {name: known.get(name, now) for name in self.queue.item_ids()}
        return min(self._open_from.values(), default=now)

    def marks_of(self, table: str) -> dict[str, int]:
        """Give the number that a table reaches of each spool with the rows to commit."""
        return {s: number for (name, s), number in self._marks.items() if name == table and number}

    def newest_numbers(self) -> Mapping[str, int]:
        """Give the newest number seen of each spool: what came before it has been committed."""
        return self._numbers

    @property
    def newest(self) -> Offset:
        """Give the highest offset known, read or committed."""
        return max(self.cursor, *self._reached.values())

    def add(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        entries = [fit_to_land(entry) for entry in entries]
        for entry in entries:
            if entry.origin is not None:
                self._learn(entry.origin)
        for table, batches in fold(self.queue, entries, self._reached, self._marks).items():
            self._pending[table] += batches
            self.pending_rows += sum(batch.num_rows for batch in batches)
        self.cursor = entries[-1].offset

    def _learn(self, origin: Origin) -> None:
        if origin.spool not in self._numbers:
            for name, writer in self.writers.items():
                self._marks[name, origin.spool] = writer.mark(origin.spool)
        known = self._numbers.get(origin.spool, 0)
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
