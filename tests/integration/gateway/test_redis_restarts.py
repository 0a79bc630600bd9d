"""Redis goes and comes back, with and without its data; the gateway needs no hand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.errors import BusError
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.support.values import position
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import until
from workers.stack.child import Child, stop_all
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec


async def answering(bus: Bus) -> None:
    """Wait until Redis answers."""

    def answers() -> bool:
        try:
            bus.ping()
        except BusError:
            return False
        return True

    await until(answers)


@pytest.mark.parametrize("emptied", [False, True])
def test_redis_restarts(tmp_path: Path, emptied: bool) -> None:
    """Lines are held throughout; board, status, queue and commands are there again after it."""
    port = free_port()
    bus = Bus(f"redis://127.0.0.1:{port}/0")

    async def run() -> None:
        server = Child(redis_spec(port, tmp_path / "first"))
        server.start()
        try:
            await answering(bus)
            tws, registry, landing = FakeBroker(), MemoryRegistry(), Landing(bus)
            tws.portfolio = [position(con_id) for con_id in range(1, 101)]
            registry.activate("desk", range(1, 11))
            async with running(config(bus), tws, bus, registry) as gateway:
                await until(lambda: len(landing.items()) == 90)
                await until(lambda: len(tws.lines) == 10)
                stop_all([server])
                polls = tws.polls
                gateway.poller.request()
                await until(lambda: tws.polls > polls)
                assert len(tws.lines) == 10
                server = Child(redis_spec(port, tmp_path / ("second" if emptied else "first")))
                server.start()
                await answering(bus)
                await until(lambda: StatusBoard(bus).get(GatewayStatus))
                await until(lambda: SnapshotBoard(bus).head())
                await until(lambda: {i.con_id for i in landing.items()} == set(range(11, 101)))
                registry.activate("more", [50])
                Commands(bus).send(RegistryChanged())
                await until(lambda: 50 in tws.lines)
                assert tws.peak == 11
        finally:
            stop_all([server])
            bus.close()

    asyncio.run(run())
