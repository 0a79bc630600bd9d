"""The keyboard while a screen is shown: keys are not echoed, and one of them ends it."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

#: Waits this many seconds for a key; True where the one that ends the screen was pressed.
Ended: TypeAlias = Callable[[float], bool]

#: Bytes read at once: more than is pressed between two looks.
READ = 1024


@contextmanager
def ended_by(key: bytes) -> Iterator[Ended]:
    """Listen for a key; where standard input is no terminal, no key is read."""
    if not sys.stdin.isatty():
        yield _wait
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)

    def ended(seconds: float) -> bool:
        if not select.select([descriptor], [], [], seconds)[0]:
            return False
        pressed = os.read(descriptor, READ)
        # Nothing to read at all: the terminal is gone.
        return not pressed or key in pressed.lower()

    try:
        yield ended
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False
