"""What waits for TWS can be stopped at any moment.

A cancellation that were dropped would leave a gateway running that was asked to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.unit.gateway.connected_broker import connected
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import POSITIONS, ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker

#: Steps of the event loop within which a scripted TWS answers.
STEPS = 300
#: What is cancelled ends at once; on a loaded machine within this, seconds.
ENDS_S = 20.0


async def is_dropped_after(step: int, waiting: asyncio.Task[Any]) -> bool | None:
    """Cancel after some steps, and return whether it went on; None where it was done by then."""
    for _ in range(step):
        await asyncio.sleep(0)
    if not waiting.cancel():
        return None
    await asyncio.wait((waiting,), timeout=ENDS_S)
    return not waiting.cancelled()


async def steps_that_drop(after: Callable[[int], Awaitable[bool | None]]) -> list[int]:
    """Return the steps after which a cancellation is dropped, of all that the work has."""
    dropped: list[int] = []
    for step in range(STEPS):
        found = await after(step)
        if found is None:
            return dropped
        if found:
            dropped.append(step)
    raise AssertionError(f"it was not done within {STEPS} steps")


def test_connecting_ends_at_whichever_step_it_is_cancelled() -> None:
    async def after(step: int) -> bool | None:
        async with ScriptedTws() as tws:
            broker = IbBroker("127.0.0.1", tws.port, 7)
            broker.listen(Remembering())
            try:
                return await is_dropped_after(step, asyncio.create_task(broker.connect(5)))
            finally:
                await broker.disconnect()

    assert asyncio.run(steps_that_drop(after)) == []


def test_asking_for_positions_ends_at_whichever_step_it_is_cancelled() -> None:
    def answer(tws: ScriptedTws) -> None:
        tws.position(1)
        tws.send(62, 1)

    async def after(step: int) -> bool | None:
        async with connected() as (tws, broker, _listener):
            tws.answers[POSITIONS] = lambda _: answer(tws)
            return await is_dropped_after(step, asyncio.create_task(broker.positions()))

    assert asyncio.run(steps_that_drop(after)) == []
