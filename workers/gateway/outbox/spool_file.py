"""SpoolFile: one SQLite file of a spool, held by one gateway at a time.

Two gateways on one machine, one of them a standby or started by mistake, have each a file of their
own: `gateway-17.sqlite`, `gateway-17.2.sqlite` and so on, the first that is free. A lock beside the
file says that it is taken, and ends with its process.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

#: Gateways of one client id on one machine, at most; more have their spools in memory.
MAX_FILES = 20

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, head BLOB NOT NULL, rows BLOB);
"""
_WRITE_FACT = (
    "INSERT INTO about VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


class FileTakenError(OSError):
    """Another gateway holds this file."""


class SpoolFile:
    """A file that is locked and open.

    Raises FileTakenError, OSError or sqlite3.Error where it cannot be.
    """

    def __init__(self, path: Path, busy_s: float, *, sync: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = _lock_file(path.with_name(f"{path.name}.lock"))
        try:
            self.db = self._open(busy_s, sync)
            try:
                #: Names the numbers of this file to Redis and to the lake.
                self.name = self._about("name") or secrets.token_hex(6)
                [[in_entries]] = self.db.execute("SELECT coalesce(max(number), 0) FROM entries")
                #: The highest number ever used here.
                self.newest = max(int(self._about("newest") or 0), in_entries)
            except BaseException:
                self.db.close()
                raise
        except BaseException:
            os.close(self._lock)
            raise

    def write_facts(self, **values: object) -> None:
        """Write the file's own facts, within the caller's transaction if there is one."""
        self.db.executemany(_WRITE_FACT, [(name, str(value)) for name, value in values.items()])

    def about(self, name: str) -> str | None:
        """Read the file's own facts."""
        return self._about(name)

    def close(self) -> None:
        """Close the file and give the lock back."""
        self.db.close()
        os.close(self._lock)

    def _open(self, busy_s: float, sync: bool) -> sqlite3.Connection:
        try:
            return self._try_to_open(busy_s, sync)
        except sqlite3.OperationalError:
            raise  # The disk is full, or the file is locked: it is as good as before.
        except sqlite3.DatabaseError as error:
            aside = self.path.with_name(f"{self.path.name}.broken-{secrets.token_hex(6)}")
            log.error(
                "spool file broken; it is set aside and a new one begun",
                reason=str(error),
                file=str(aside),
                meaning="what was in it and had not landed is missing in the lake",
            )
            for end in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    os.rename(f"{self.path}{end}", f"{aside}{end}")
            return self._try_to_open(busy_s, sync)

    def _try_to_open(self, busy_s: float, sync: bool) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=busy_s, check_same_thread=False)
        try:
            # What was written survives a kill. With FULL it also survives a power cut; without,
            # the last moments may be missing, and their numbers are not used again.
            db.execute("PRAGMA journal_mode=WAL")
            db.execute(f"PRAGMA synchronous={'FULL' if sync else 'NORMAL'}")
            with db:
                db.executescript(_SCHEMA)
            db.execute("SELECT count(*) FROM entries").fetchone()
        except BaseException:
            db.close()
            raise
        return db

    def _about(self, name: str) -> str | None:
        found = self.db.execute("SELECT value FROM about WHERE name = ?", [name]).fetchone()
        return None if found is None else str(found[0])


def open_first_free(path: Path, busy_s: float, *, sync: bool = True) -> SpoolFile:
    """Open the first file of a gateway that no other holds; raises as SpoolFile does."""
    for candidate in files_of(path):
        with suppress(FileTakenError):
            file = SpoolFile(candidate, busy_s, sync=sync)
            if candidate != path:
                log.warning(
                    "another gateway has the first spool file, this one takes its own",
                    file=str(candidate),
                )
            return file
    raise OSError(f"{path} and {MAX_FILES - 1} more are taken by other gateways")


def files_of(path: Path) -> Iterator[Path]:
    """Return the files that gateways of one client id may have, the first one first."""
    yield path
    for number in range(2, MAX_FILES + 1):
        yield path.with_name(f"{path.stem}.{number}{path.suffix}")


def _lock_file(path: Path) -> int:
    """Open a lock file and lock it; raises FileTakenError."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise FileTakenError(f"{path} is locked by another gateway") from error
    except OSError as error:
        # A file system without locks: the leader lock in Redis keeps a second gateway away.
        log.warning("spool file cannot be locked", file=str(path), reason=str(error))
    with suppress(OSError):
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()} {time.time_ns()}\n".encode())
    return lock
