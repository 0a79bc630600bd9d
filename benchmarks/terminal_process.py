"""A command in a terminal of its own: what it shows is read, and how long that took is known."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from typing import Self

#: The usual terminal.
WIDTH, HEIGHT = 80, 24
#: What is shown is read in pieces of this many bytes.
PIECE = 65_536


class TerminalProcess:
    """Runs `slotwise WORDS` on a pseudo terminal."""

    def __init__(self, words: tuple[str, ...], env: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workers.cli", *words],
            env={**os.environ, "TERM": "xterm", "PAGER": "", **env},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    def until_lines(self, lines: int, timeout_s: float) -> float:
        """Return after how many seconds so many lines were shown; raises TimeoutError."""
        return self._until(lambda shown: shown.count(b"\n") >= lines, timeout_s)

    def until_word(self, word: bytes, timeout_s: float) -> float:
        """Return after how many seconds a word was shown; raises TimeoutError."""
        return self._until(lambda shown: word in shown, timeout_s)

    def until_more(self, timeout_s: float) -> None:
        """Wait until something more is shown; raises TimeoutError."""
        before, end = len(self.shown), time.monotonic() + timeout_s
        while len(self.shown) == before:
            left = end - time.monotonic()
            if left <= 0 or not self._read(left):
                raise TimeoutError(f"nothing more is shown: {self.shown[-500:]!r}")

    def read_for(self, seconds: float) -> None:
        """Read what is shown for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(left)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _until(self, holds: Callable[[bytes], bool], timeout_s: float) -> float:
        while not holds(self.shown):
            left = self.began + timeout_s - time.monotonic()
            if left <= 0 or not self._read(left):
                raise TimeoutError(f"not shown: {self.shown[-500:]!r}")
        return time.monotonic() - self.began

    def _read(self, timeout_s: float) -> bool:
        if not select.select([self._ours], [], [], timeout_s)[0]:
            return True
        try:
            piece = os.read(self._ours, PIECE)
        except OSError:
            # Linux raises it when the command has ended.
            return False
        self.shown += piece
        return bool(piece)
