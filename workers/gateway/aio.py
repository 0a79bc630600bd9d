"""Two ways for work to reach the event loop: on time, and from a thread."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable


def call_on(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Call on the event loop from a thread; nothing happens where it has ended."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call)


async def every(interval_s: float, step: Callable[[], None]) -> None:
    """Take a step after each interval, until stopped."""
    while True:
        await asyncio.sleep(interval_s)
        step()
