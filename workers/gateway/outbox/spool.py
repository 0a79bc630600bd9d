"""Spool: what is on its way to the lake, on disk until it has landed.

Redis may be away, or emptied, and the gateway may be killed: what it has kept here is sent
again, in order, until the lake has it. SQLite keeps it; where the disk refuses, memory does, as
far as it goes.

Numbers grow, also from one start to the next, and no clock is asked: the file keeps the highest one
ever used, and each start begins an epoch of its own, `epoch * 2**32`. So a spool that lost its last
entries in a power cut never uses a number twice. One that was put back from an older copy does:
Redis and the lake then know higher numbers than the spool, and `move_on` goes beyond them.
"""

from __future__ import annotations

import random
import secrets
import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog

from slotwise.bus.landing_stream import Kept
from workers.gateway.outbox.spool_file import FileTakenError, SpoolFile, files_of, open_first_free

log = structlog.get_logger(__name__)

#: Bytes kept on disk: a day of 100 streamed contracts is some 300 MB.
MAX_BYTES = 1024**3
#: Of too many bytes this much is given up at once, as a share: not entry by entry.
GIVEN_UP = 0.05
#: Entries kept in memory where the disk refuses.
MAX_IN_MEMORY = 10_000
#: Who holds the file for longer than this, seconds, is broken: writing takes a millisecond.
BUSY_S = 5.0

#: Numbers of one start: entries of a year at a hundred a second.
PER_EPOCH = 2**32
#: Epochs skipped at most where the disk refuses to keep that one was begun: a later start that can
#: write begins the next one, which must not be this.
SKIPPED = 64


class Spool:
    """Entries by number, on disk or in memory. Used by one thread."""

    def __init__(
        self,
        path: Path | None,
        *,
        max_bytes: int = MAX_BYTES,
        max_in_memory: int = MAX_IN_MEMORY,
        busy_s: float = BUSY_S,
        sync: bool = True,
    ) -> None:
        self._max_bytes, self._max_in_memory, self._busy_s = max_bytes, max_in_memory, busy_s
        #: Entries that were given up, because there was no room for them.
        self.lost = 0
        self.name = secrets.token_hex(6)
        self._memory: dict[int, Kept] = {}
        self._bytes = 0
        self._refused = ""
        self._lake: str | None = None
        #: The highest number ever used here.
        self.newest = 0
        self._file = None if path is None else self._open(path, sync)
        self._db = None if self._file is None else self._file.db
        self._begin_epoch()

    @classmethod
    def over(cls, file: SpoolFile) -> Spool:
        """Use a file that is open already: to send what another gateway left in it."""
        spool = cls(None)
        spool._file, spool._db = file, file.db
        spool.name, spool.newest = file.name, file.newest
        spool._bytes = spool._size_on_disk()
        return spool

    @property
    def share(self) -> float:
        """Return how full it is, from 0 to 1: beyond that its oldest entries are given up."""
        return max(self._bytes / self._max_bytes, len(self._memory) / self._max_in_memory)

    @property
    def refused(self) -> str:
        """Return why the disk is not used; empty where it is, or was not asked for."""
        return self._refused

    @property
    def lake(self) -> str | None:
        """Return the identity of the lake that the entries are for; None where none is known."""
        return self._lake if self._file is None else self._file.about("lake")

    def set_lake(self, identity: str) -> None:
        """Keep for which lake the entries are; raises sqlite3.Error where the disk refuses."""
        self._lake = identity
        if self._file is not None and self._db is not None:
            with self._db:
                self._file.write_facts(lake=identity)

    @property
    def epoch(self) -> int:
        """Return which start of this spool it is, or a later number."""
        return self.newest // PER_EPOCH

    def first_number(self) -> int:
        """Return a number beyond all that were used, also by entries that were lost."""
        return self.newest + 1

    def move_on(self, after: int, beyond: int) -> int:
        """Renumber the entries after a number, in a new epoch beyond another number.

        Return what was added to each. Raises sqlite3.Error where the disk refuses.
        """
        by = (max(beyond, self.newest) // PER_EPOCH + 1) * PER_EPOCH - after
        if self._db is not None and self._file is not None:
            with self._db:
                # In two steps: a number must not meet one that has not been moved yet.
                self._db.execute(
                    "UPDATE entries SET number = -(number + ?) WHERE number > ?", (by, after)
                )
                self._db.execute("UPDATE entries SET number = -number WHERE number < 0")
                self._file.write_facts(newest=self.newest + by)
        moved = {n + by: Kept(n + by, 0, e.head, e.rows) for n, e in self._memory.items()
                 if n > after}  # fmt: skip
        self._memory = {n: e for n, e in self._memory.items() if n <= after} | moved
        self.newest += by
        return by

    def put(self, entries: Sequence[Kept]) -> None:
        """Keep entries, in one step; their `before` is found out when they are read."""
        self.newest = max(self.newest, *(entry.number for entry in entries), 0)
        if self._db is None or self._file is None:
            self._remember(entries)
            return
        try:
            with self._db:
                self._file.write_facts(newest=self.newest)
                self._db.executemany(
                    "INSERT OR IGNORE INTO entries VALUES (?, ?, ?)",
                    [(e.number, e.head, e.rows) for e in (*self._memory.values(), *entries)],
                )
        except sqlite3.Error as error:
            self._log_refused(str(error))
            self._remember(entries)
            return
        if self._refused:
            log.warning("the spool writes to disk again", entries=len(self._memory))
            self._refused = ""
        self._bytes += sum(map(_size, (*self._memory.values(), *entries)))
        self._memory.clear()
        if self._bytes > self._max_bytes:
            self._give_up()

    def after(self, number: int, count: int) -> list[Kept]:
        """Return the next entries after a number, in order, each with the one before it."""
        rows: Iterable[tuple[int, bytes, bytes | None]] = ()
        before = 0
        if self._db is not None:
            rows = self._db.execute(
                "SELECT number, head, rows FROM entries WHERE number > ? ORDER BY number LIMIT ?",
                (number, count),
            ).fetchall()
            [before] = self._db.execute(
                "SELECT coalesce(max(number), 0) FROM entries WHERE number <= ?", (number,)
            ).fetchone()
        before = max([before, *(n for n in self._memory if n <= number)])
        found = {n: (head, more) for n, head, more in rows}
        found |= {n: (e.head, e.rows) for n, e in self._memory.items() if n > number}
        kept = []
        for n in sorted(found)[:count]:
            kept.append(Kept(n, before, *found[n]))
            before = n
        return kept

    def forget(self, upto: int) -> None:
        """Delete the entries up to and with a number: they have landed."""
        for number in [n for n in self._memory if n <= upto]:
            del self._memory[number]
        if self._db is None:
            return
        try:
            with self._db:
                gone = self._db.execute(
                    "DELETE FROM entries WHERE number <= ?"
                    " RETURNING length(head) + length(coalesce(rows, ''))",
                    (upto,),
                ).fetchall()
        except sqlite3.Error as error:
            self._log_refused(str(error))
            return
        self._bytes -= sum(size for (size,) in gone)

    def count(self) -> int:
        """Count the entries kept."""
        found = 0
        if self._db is not None:
            [found] = self._db.execute("SELECT count(*) FROM entries").fetchone()
        return int(found) + len(self._memory)

    def close(self) -> None:
        """Close the file; another gateway may take it."""
        if self._file is not None:
            self._file.close()

    def _open(self, path: Path, sync: bool) -> SpoolFile | None:
        try:
            file = open_first_free(path, self._busy_s, sync=sync)
        except (sqlite3.Error, OSError) as error:
            self._log_refused(f"{path}: {error}")
            return None
        self.name, self.newest = file.name, file.newest
        return file

    def _begin_epoch(self) -> None:
        """Advance beyond every number that may have been used, and keep that on disk."""
        epoch = self.newest // PER_EPOCH + 1
        if self._file is not None and self._db is not None:
            self._bytes = self._size_on_disk()
            try:
                with self._db:
                    self._file.write_facts(
                        name=self.name, newest=epoch * PER_EPOCH, opened_ns=time.time_ns()
                    )
            except sqlite3.Error as error:
                self._log_refused(str(error))
                epoch += random.randint(1, SKIPPED)
        self.newest = epoch * PER_EPOCH

    def _size_on_disk(self) -> int:
        assert self._db is not None
        [[size]] = self._db.execute(
            "SELECT coalesce(sum(length(head) + length(coalesce(rows, ''))), 0) FROM entries"
        ).fetchall()
        return int(size)

    def _remember(self, entries: Sequence[Kept]) -> None:
        self._memory.update((entry.number, entry) for entry in entries)
        while len(self._memory) > self._max_in_memory:
            del self._memory[min(self._memory)]
            self.lost += 1

    def _give_up(self) -> None:
        """Drop the oldest entries: other programs need the disk too."""
        assert self._db is not None
        room, upto, gone = self._max_bytes * GIVEN_UP, 0, 0
        for number, size in self._db.execute(
            "SELECT number, length(head) + length(coalesce(rows, '')) FROM entries ORDER BY number"
        ):
            upto, gone, room = number, gone + 1, room - size
            if room <= 0:
                break
        self.forget(upto)
        self.lost += gone
        log.error(
            "the spool is full, its oldest entries were given up",
            entries=gone,
            meaning="rows and line events from that time are missing in the lake",
        )

    def _log_refused(self, reason: str) -> None:
        if not self._refused:
            log.error("the spool cannot use its disk, and keeps to memory", reason=reason)
        self._refused = reason


def left_by_others(path: Path | None) -> list[Spool]:
    """Open what other gateways of this client id left on this machine and never sent.

    Their processes are gone: the files are not locked. Empty ones are left alone.
    """
    found = []
    for candidate in files_of(path) if path is not None else ():
        if not candidate.exists():
            continue
        try:
            spool = Spool.over(SpoolFile(candidate, BUSY_S))
        except FileTakenError:
            continue
        except (sqlite3.Error, OSError) as error:
            log.warning("spool file cannot be read", file=str(candidate), reason=str(error))
            continue
        if spool.count() == 0:
            spool.close()
            continue
        log.info("entries of another gateway are sent", file=str(candidate), entries=spool.count())
        found.append(spool)
    return found


def _size(entry: Kept) -> int:
    return len(entry.head) + len(entry.rows or b"")
