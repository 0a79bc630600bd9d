"""How late the event loop is: what a loaded machine adds to every time that is measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

#: Looked at this often, seconds.
STEP_S = 0.01


@dataclass
class Lag:
    """Hold the greatest lateness and the sum of all, seconds."""

    worst_s: float = 0.0
    sum_s: float = 0.0


@asynccontextmanager
async def watching_lag() -> AsyncIterator[Lag]:
    """Measure the loop's lateness during the block."""
    lag = Lag()

    async def look() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + STEP_S
            await asyncio.sleep(STEP_S)
            late_s = max(loop.time() - due, 0.0)
            lag.worst_s = max(lag.worst_s, late_s)
            lag.sum_s += late_s

    task = asyncio.create_task(look())
    try:
        yield lag
    finally:
        task.cancel()
