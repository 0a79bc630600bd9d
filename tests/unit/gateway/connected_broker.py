"""An IB broker connected to a peer that a test scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.support.values import contract
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import (
    ScriptedTws,
)
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts

STOCK = contract(1, primary_exchange="NASDAQ")


@asynccontextmanager
async def connected(
    timeouts: Timeouts | None = None, *, models: bool = False
) -> AsyncIterator[tuple[ScriptedTws, IbBroker, Remembering]]:
    async with ScriptedTws() as tws:
        broker, listener = (
            IbBroker("127.0.0.1", tws.port, 7, timeouts, models=models),
            Remembering(),
        )
        broker.listen(listener)
        await broker.connect(5)
        try:
            yield tws, broker, listener
        finally:
            await broker.disconnect()


def with_tws(
    test: Callable[[ScriptedTws, IbBroker, Remembering], Awaitable[None]],
) -> Callable[[], None]:
    """Run a test against a connected peer."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            await test(tws, broker, listener)

    def claim() -> None:
        in_virtual_time(run())

    claim.__doc__ = test.__doc__
    return claim


def refuse(tws: ScriptedTws, code: int, text: str) -> Callable[[list[str]], None]:
    return lambda fields: tws.error(fields[2], code, text)
