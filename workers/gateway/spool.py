"""Spool: what is on its way to the lake, on disk until it has landed.

Redis may be away, or emptied, and the gateway may be killed: what it has kept here is sent
again, in order, until the lake has it. SQLite keeps it; where the disk refuses, memory does, as
far as it goes.

Numbers grow for ever, also from one start to the next, and are not without gaps: they begin at
the clock, in microseconds, so that a spool that lost its last entries never uses a number twice.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog

from slotwise.bus.landing_stream import Kept

log = structlog.get_logger(__name__)

#: Bytes kept on disk: a day of 100 streamed contracts is some 300 MB.
MAX_BYTES = 1024**3
#: Of too many bytes so much is given up at once, as a share: not entry by entry.
GIVEN_UP = 0.05
#: Entries kept in memory where the disk refuses.
MAX_IN_MEMORY = 10_000
#: Who holds the file for longer than this, seconds, is broken: writing takes a millisecond.
BUSY_S = 5.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, head BLOB NOT NULL, rows BLOB);
"""


class Spool:
    """Keep entries by number. Used by one thread; only `number` is safe from others' view."""

    def __init__(
        self,
        path: Path | None,
        *,
        max_bytes: int = MAX_BYTES,
        max_in_memory: int = MAX_IN_MEMORY,
        busy_s: float = BUSY_S,
    ) -> None:
        self._max_bytes, self._max_in_memory, self._busy_s = max_bytes, max_in_memory, busy_s
        #: Entries that were given up, because there was no room for them.
        self.lost = 0
        self.name = secrets.token_hex(6)
        self._memory: dict[int, Kept] = {}
        self._bytes = 0
        self._refused = False
        self._db = None if path is None else self._open(path)

    @property
    def newest(self) -> int:
        """Give the highest number ever used here."""
        found = 0
        if self._db is not None:
            [found] = self._db.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()
        return max(found, *self._memory, 0) if self._memory else int(found)

    def first_number(self) -> int:
        """Return a number beyond all that were used, also by entries that were lost."""
        return max(self.newest + 1, time.time_ns() // 1000)

    def put(self, entries: Sequence[Kept]) -> None:
        """Keep entries, in one step; their `before` is found out when they are read."""
        if self._db is None:
            self._remember(entries)
            return
        try:
            with self._db:
                self._db.executemany(
                    "INSERT OR IGNORE INTO entries VALUES (?, ?, ?)",
                    [(e.number, e.head, e.rows) for e in (*self._memory.values(), *entries)],
                )
        except sqlite3.Error as error:
            self._tell_refused(str(error))
            self._remember(entries)
            return
        if self._refused:
            log.warning("the spool writes to disk again", entries=len(self._memory))
            self._refused = False
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
        """Forget the entries up to and with a number: they have landed."""
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
            self._tell_refused(str(error))
            return
        self._bytes -= sum(size for (size,) in gone)

    def count(self) -> int:
        """Count the entries kept."""
        found = 0
        if self._db is not None:
            [found] = self._db.execute("SELECT count(*) FROM entries").fetchone()
        return int(found) + len(self._memory)

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()

    def _open(self, path: Path) -> sqlite3.Connection | None:
        name = self.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, timeout=self._busy_s, check_same_thread=False)
            # What was written survives a kill; of a power cut the last moments may be missing,
            # and their numbers are not used again.
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            with db:
                db.executescript(_SCHEMA)
                db.execute("INSERT INTO about VALUES ('name', ?) ON CONFLICT DO NOTHING", [name])
            [[name]] = db.execute("SELECT value FROM about WHERE name = 'name'").fetchall()
            [[size]] = db.execute(
                "SELECT coalesce(sum(length(head) + length(coalesce(rows, ''))), 0) FROM entries"
            ).fetchall()
        except (sqlite3.Error, OSError) as error:
            self._tell_refused(f"{path}: {error}")
            return None
        self.name, self._bytes = name, size
        return db

    def _remember(self, entries: Sequence[Kept]) -> None:
        self._memory.update((entry.number, entry) for entry in entries)
        while len(self._memory) > self._max_in_memory:
            del self._memory[min(self._memory)]
            self.lost += 1

    def _give_up(self) -> None:
        """Give the oldest entries up: the disk is not ours alone."""
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

    def _tell_refused(self, reason: str) -> None:
        if not self._refused:
            log.error("the spool cannot use its disk, and keeps to memory", reason=reason)
        self._refused = True


def _size(entry: Kept) -> int:
    return len(entry.head) + len(entry.rows or b"")
