"""What the gateway says of itself is enough for a screen: lines, reserve, who waits, the past."""

from __future__ import annotations

import asyncio

from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, StatusBoard
from tests.integration.gateway.running_gateway import MemoryRegistry, config, running
from tests.support.values import option, position
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import until


def test_the_status_names_who_waits_the_reserve_and_the_last_losses(bus: Bus) -> None:
    async def run() -> None:
        tws, registry = FakeBroker(), MemoryRegistry()
        tws.portfolio = [position(n, contract=option(n)) for n in range(1, 9)]
        registry.activate("condors", range(1, 9))
        board = StatusBoard(bus)
        async with running(config(bus, lines=6, lines_reserve=2), tws, bus, registry):
            await until(lambda: len(tws.lines) == 4)
            tws.drop()
            await until(lambda: tws.connects == 2)
            await until(lambda: len(tws.lines) == 4)

            def published() -> GatewayStatus | None:
                found = board.get(GatewayStatus)
                return found if found and len(found.sessions) == 3 and found.lines else None

            await until(lambda: published() is not None)
            status = published()
        assert status is not None
        assert (status.limit, status.allowed, status.reserve) == (4, 4, 2)
        assert set(status.waiting_labels) == set(status.waiting)
        assert len(status.waiting) == 4
        assert set(status.waiting_labels.values()) == {option(1).label}
        states = [change.state for change in status.sessions]
        assert states == ["ready", "waiting to reconnect", "ready"]
        assert status.sessions[1].reason

    asyncio.run(run())
