"""The real ib_async client against a simulator in the same loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from ib_async import IB, Contract, Stock

from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer

#: Nothing here takes longer on a machine that runs many other tests, seconds; how fast it is, is no
#: claim.
TIMEOUT_S = 40.0
STEP_S = 0.01


class Errors:
    """Collect what a client is sent: request id and code."""

    def __init__(self, ib: IB) -> None:
        self.seen: list[tuple[int, int, str]] = []
        ib.errorEvent += self._on_error

    def _on_error(self, req_id: int, code: int, text: str, contract: object) -> None:
        self.seen.append((req_id, code, text))

    def codes(self) -> list[int]:
        """Give the codes that are no notices."""
        return [code for _, code, _ in self.seen if not 2100 <= code < 2200]


@asynccontextmanager
async def simulator(**options: Any) -> AsyncIterator[SimulatorServer]:
    """Start a simulator on a free port."""
    config = replace(SimulatorConfig(positions=40), **options)
    async with SimulatorServer(config) as server:
        yield server


@asynccontextmanager
async def connected(
    server: SimulatorServer, client_id: int = 1, **options: Any
) -> AsyncIterator[tuple[IB, Errors]]:
    """Connect ib_async with all of its start-up requests; any that fails raises."""
    # ib_async logs every error it is told; the tests look at them one by one.
    logging.getLogger("ib_async").setLevel(logging.CRITICAL)
    ib = IB()
    errors = Errors(ib)
    # ib_async's own patience with each start-up request is four seconds.
    how: dict[str, Any] = {"raiseSyncErrors": True, "timeout": TIMEOUT_S, **options}
    await ib.connectAsync(server.config.host, server.port, client_id, **how)
    try:
        yield ib, errors
    finally:
        with suppress(OSError):
            ib.disconnect()
        await eventually(lambda: client_id not in server.world.clients)


async def eventually(holds: Callable[[], bool], timeout_s: float = TIMEOUT_S) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(timeout_s):
        while True:
            if holds():
                return
            await asyncio.sleep(STEP_S)


async def spy(ib: IB) -> Contract:
    """Return SPY, qualified."""
    (contract,) = await ib.qualifyContractsAsync(Stock("SPY", "SMART", "USD"))
    assert isinstance(contract, Contract)
    return contract


def routed(contract: Contract) -> Contract:
    """Give a held contract an exchange to ask at."""
    contract.exchange = "CME" if contract.secType == "FUT" else "SMART"
    return contract


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test's coroutine; nothing may hang."""

    async def limited() -> None:
        async with asyncio.timeout(2 * TIMEOUT_S):
            await test

    asyncio.run(limited())
