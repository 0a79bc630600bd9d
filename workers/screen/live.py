"""Show the screen until somebody ends it."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live

from workers.screen.collect import Look
from workers.screen.draw import draw
from workers.screen.keys import Ended

#: A new frame this often, seconds.
FRAME_S = 1.0
#: An interrupt is noticed within this, seconds.
NOTICE_S = 0.1
HINT = "q ends it"


def show(look: Look, console: Console, ended: Ended, interrupted: Callable[[], bool]) -> None:
    """Draw a frame each second; the terminal is as it was afterwards."""
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while not interrupted():
            live.update(draw(look(), console.width, console.height, HINT), refresh=True)
            due = time.monotonic() + FRAME_S
            while time.monotonic() < due and not interrupted():
                if ended(NOTICE_S):
                    return
