"""The lander: reads the landing stream, keeps the queue, commits what is new.

It is the one writer of the tables that the stream feeds. Its memory (the queue and rows not
yet committed) is a copy of what the lake and the stream say; whenever that may be outdated it
is thrown away with `forget` and built again.

Should there be two of them after all, the first commit of each is the fence: every landing
commits to `position_updates` first, be it no row, and Delta refuses that where another landing
came in between. So a lander that commits or drops anything had seen all that went before.

A landing may die between the rows and the queue, and Redis be emptied before the next: then the
lake has rows of items that its queue does not have, and the gateway's spool inserts them again. So
the commit of the rows also says which numbers of each spool the landing had seen; an insertion that
comes again with one of those is looked up among the rows (`Memory.again_in`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from slotwise.errors import LakeError, SlotwiseError
from slotwise.lake.dedup import not_yet_landed
from slotwise.lake.landing_memory import Memory, Writer
from slotwise.lake.queries import landed_items, unfinished_items
from slotwise.lake.schemas import TABLES
from slotwise.lake.set_aside import NOT_FED, fit_to_land
from slotwise.lake.store import Lake
from slotwise.lake.suspicion import Suspicion
from slotwise.lake.writer import TableWriter, open_since
from slotwise.rules.landing import (
    POSITIONS,
    QUEUE,
    Entry,
    Offset,
)
from slotwise.rules.position_queue import PositionQueue

#: Entries read from Redis at once: 500 batches of 50 rows are some 8 MB.
READ_COUNT = 500
#: Rows committed at most in one landing, so that a long backlog is worked off in bounded memory.
ROWS_PER_LANDING = 200_000
#: A row of an item that is inserted again is looked for among those that landed since this long
#: before the item was inserted: the clocks of gateway and lake worker differ by less.
LOOKED_BACK = timedelta(days=2)
#: Tables the stream feeds, in commit order. Positions before the queue: an item is called
#: landed only when its row is, and `Memory.settle` repairs a crash between the two.
FED = (
    POSITIONS,
    *(name for name in TABLES if name != POSITIONS and name not in NOT_FED),
    QUEUE,
)


class Stream(Protocol):
    """The landing stream; `bus.landing_stream.LandingStream` is one."""

    def read(self, after: Offset, count: int) -> list[Entry]: ...
    def drop(self, upto: Offset) -> None: ...
    def never_below(self, offset: Offset) -> None: ...
    def report_landed(self, upto: Mapping[str, int]) -> None: ...


class Landed(msgspec.Struct, frozen=True):
    """What one landing committed."""

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
        self._memory: Memory | None = None
        #: Where the memory is of.
        self._place = ""
        self._suspicion = Suspicion(READ_COUNT)

    def forget(self) -> None:
        """Drop all that is in memory; the next call reads the lake and the stream again."""
        self._memory = None

    def queue(self, now: datetime) -> PositionQueue:
        """Bring the queue up to the newest entry and return it; raises as `land` does."""
        try:
            return self._read(now).queue
        except SlotwiseError:
            raise
        except Exception as error:
            self.forget()
            self._suspicion.failed(error)
            raise LakeError(f"queue not read, and is tried with fewer entries: {error}") from error

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
            open_from = memory.open_from()
            landed = {
                name: memory.writers[name].land(
                    not_yet_landed(self._lake, name, rows[name], now),
                    memory.cursor,
                    now,
                    memory.offsets_of(name) | (memory.seen() if name == POSITIONS else {}),
                    open_from if name == QUEUE else None,
                )
                for name in FED
                if name in rows
            }
            if self._lake.verify() != self._place:
                raise LakeError("the lake was replaced during a landing, which is repeated")
            self._stream.drop(memory.cursor)
            self._stream.report_landed(memory.newest_numbers())
        except SlotwiseError:
            self.forget()
            raise
        except Exception as error:
            self.forget()
            self._suspicion.failed(error)
            raise LakeError(f"landing failed, and is tried with fewer entries: {error}") from error
        except BaseException:
            self.forget()
            raise
        self._suspicion.landed()
        return Landed(sum(landed.values()), tuple(landed))

    def _read(self, now: datetime) -> Memory:
        place = self._lake.verify()
        if place != self._place:
            # It was put in the place of another: an older copy, or one that was mounted again.
            self.forget()
            self._place = place
        if self._memory is None:
            self._memory = self._recall(now)
        memory = self._memory
        # A Redis that was emptied starts its ids again: they must not fall behind the lake's.
        self._stream.never_below(memory.newest)
        while memory.pending_rows < ROWS_PER_LANDING:
            count = self._suspicion.count
            read = self._stream.read(memory.cursor, count)
            self._suspicion.reads([entry.offset for entry in read])
            guilty = self._suspicion.guilty
            entries = [fit for e in read for fit in fit_to_land(e, guilty.get(e.offset))]
            memory.add(entries, self._find_landed(memory.again_in(entries)), now)
            if len(read) < count or self._suspicion.is_on:
                break
        memory.settle(now)
        return memory

    def _recall(self, now: datetime) -> Memory:
        self._lake.complete()
        writers = {name: self._open_writer(self._lake, name) for name in FED}
        known = open_since(self._lake, QUEUE)
        items = unfinished_items(self._lake, known.queue)
        queue = PositionQueue.restore(items, self._max_attempts)
        if writers[POSITIONS].offset != writers[QUEUE].offset:
            # A landing was cut short, or is still under way elsewhere: from here on it is too
            # late for the commit it has not made yet.
            writers[QUEUE].land([], 0, now)
        memory = Memory(writers, queue, known)
        memory.has_landed(self._find_landed_before(queue, known.rows))
        return memory

    def _find_landed_before(self, queue: PositionQueue, since: int) -> dict[str, str]:
        """Find the batches of open items whose row was committed just before a crash."""
        if not queue.item_ids():
            return {}
        return _by_item(landed_items(self._lake, queue.item_ids(), since))

    def _find_landed(self, again: Mapping[str, datetime]) -> dict[str, str]:
        """Find the batches of those items, inserted again, whose row landed the first time."""
        if not again:
            return {}
        since = (min(again.values()) - LOOKED_BACK).date()
        return _by_item(landed_items(self._lake, list(again), day=since))


def _by_item(found: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {item_id: batch_id for batch_id, ids in found.items() for item_id in ids}
