"""The ledger on disk: appended, one line at a time, so that a kill loses nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from workers.simulator.desks.ledger import LedgerEvent
from workers.simulator.errors import LedgerError


class LedgerFile:
    """Append events to a file; raises LedgerError where that fails."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # Unbuffered: a line is with the system as soon as it is written.
            self._file: BinaryIO = path.open("ab", buffering=0)
            self._end_cut_line()
        except OSError as error:
            raise self._failure(error) from error

    def write(self, event: LedgerEvent) -> None:
        """Append one event."""
        try:
            self._file.write(event.as_json().encode() + b"\n")
        except OSError as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _end_cut_line(self) -> None:
        """Keep our first line apart from a last one that a kill cut short."""
        if not self._path.stat().st_size or not self._path.is_file():
            return
        with self._path.open("rb") as written:
            written.seek(-1, os.SEEK_END)
            if written.read(1) != b"\n":
                self._file.write(b"\n")

    def _failure(self, error: OSError) -> LedgerError:
        return LedgerError(f"ledger {str(self._path)!r} cannot be written: {error.strerror}")
