"""A command in a terminal of its own: what it shows is read, keys are pressed, its id is known."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping

#: How a terminal is told to move, to colour and to clear.
_CODES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")
#: What is shown is read in pieces of this many bytes.
PIECE = 65_536


class Terminal:
    """Run one command under a pseudo terminal."""

    def __init__(self, argv: list[str], env: Mapping[str, str], width: int, height: int) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        size = {"COLUMNS", "LINES"}
        self.process = subprocess.Popen(
            argv,
            env={k: v for k, v in os.environ.items() if k not in size} | {"TERM": "xterm", **env},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._shown = ""

    def shows(self, word: str, timeout_s: float) -> bool:
        """Read on until a word is shown that was not before this call; False when it is not."""
        begin, deadline = len(self._shown), time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if word in self.text(begin):
                return True
            if not self._read(0.2):
                return word in self.text(begin)
        return False

    def text(self, begin: int = 0) -> str:
        """Give what was shown, without colours."""
        return _CODES.sub("", self._shown[begin:])

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._ours, keys)

    def ended(self, timeout_s: float) -> int:
        """Read until the command has ended, and return its exit status."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self._read(0.2):
            pass
        return self.process.wait(max(deadline - time.monotonic(), 0.1))

    def close(self) -> None:
        """End the command, and the terminal."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    def _read(self, timeout_s: float) -> bool:
        if not select.select([self._ours], [], [], timeout_s)[0]:
            return True
        try:
            piece = os.read(self._ours, PIECE)
        except OSError:
            # Linux says so when the other side is closed.
            return False
        self._shown += piece.decode(errors="replace")
        return bool(piece)


@contextlib.contextmanager
def slotwise_in_terminal(
    env: Mapping[str, str], *args: str, width: int = 80, height: int = 24
) -> Iterator[Terminal]:
    """Run a slotwise command in a terminal for the block."""
    terminal = Terminal([sys.executable, "-m", "workers.cli", *args], env, width, height)
    try:
        yield terminal
    finally:
        terminal.close()
