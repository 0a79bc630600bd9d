"""The portfolio on a terminal, drawn again and again until q or Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from itertools import islice

from rich.console import Console

from slotwise.errors import BusError, InputError, NoSystemError
from workers.screen.keys import ended_by
from workers.stack.interrupt import until_interrupted

#: Time between two drawings, seconds: prices of lines are sent once a second.
INTERVAL_S = 1.0
#: Part of one core that reading and drawing may use; a large portfolio is drawn less often.
CPU_SHARE = 0.08
#: Alternate screen on and cursor off; and back.
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
#: To the upper left corner; the rest of a line and of the screen are erased.
HOME, END_OF_LINE, END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


def watch_lines(lines: Callable[[], Iterable[str]], out: Console) -> None:
    """Draw what fits on the screen until it is ended; raises InputError without a terminal."""
    if not out.is_terminal:
        raise InputError("--watch needs a terminal")
    sys.stdout.write(ENTER)
    try:
        with until_interrupted() as interrupted, ended_by(b"q") as ended:
            while not interrupted():
                used = time.process_time()
                sys.stdout.write(HOME + _screen(lines, out.height) + END_OF_SCREEN)
                sys.stdout.flush()
                used = time.process_time() - used
                if ended(pause_s(used)):
                    break
    finally:
        sys.stdout.write(LEAVE)
        sys.stdout.flush()


def pause_s(used_s: float) -> float:
    """Return how long to wait after a drawing that used this much processor time, seconds."""
    return max(INTERVAL_S, used_s / CPU_SHARE)


def _screen(lines: Callable[[], Iterable[str]], height: int) -> str:
    try:
        # The last line stays empty: a line's end there would scroll.
        shown = list(islice(lines(), height - 1))
    except (BusError, NoSystemError) as error:
        shown = [f"slotwise: {error}"]
    return "".join(line + END_OF_LINE + "\r\n" for line in shown)
