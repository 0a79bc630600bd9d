"""A file on disk that lines are appended to, so that a kill loses no line that was written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from tws_simulator.errors import SimulatorError


class AppendedFile:
    """Append lines to a file; raises `failure`, which names it, where that fails."""

    def __init__(self, path: Path, name: str, failure: type[SimulatorError]) -> None:
        self._path = path
        self._name = name
        self._failure = failure
        try:
            # Unbuffered: a line is with the system as soon as it is written.
            self._file: BinaryIO = path.open("ab", buffering=0)
            self._end_cut_line()
        except OSError as error:
            raise self._failure_of(error) from error

    def write(self, lines: bytes) -> None:
        """Append whole lines."""
        left = memoryview(lines)
        try:
            while left:
                # A disk that fills up takes a part first, and refuses the next write.
                left = left[self._file.write(left) :]
        except OSError as error:
            raise self._failure_of(error) from error

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

    def _failure_of(self, error: OSError) -> SimulatorError:
        return self._failure(
            f"{self._name} {str(self._path)!r} cannot be written: {error.strerror}"
        )
