"""Contracts that the lake has and TWS has no more: asked for twice, then left alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from tests.integration.gateway.gateway_floor import broker_of, held_ids
from tests.integration.gateway.running_gateway import MemoryRegistry, config, running
from tests.support.values import contract, known
from tests.support.wire_recount import requests_read
from tests.unit.gateway.listeners import until
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer

#: Active contracts that the simulator does not have.
GONE = range(990_001, 990_041)
#: Long enough for a loop to show, seconds.
WATCHED_S = 3.0


def test_contracts_that_are_gone_are_asked_for_once(bus: Bus, tmp_path: Path) -> None:
    """One request for market data, one for details; others have their lines meanwhile."""

    async def run() -> None:
        log = tmp_path / "wire.jsonl"
        registry = MemoryRegistry()
        async with SimulatorServer(SimulatorConfig(positions=50, wire_log=log)) as simulator:
            held = held_ids(simulator)[:20]
            registry.activate("desk", [*GONE, *held])
            settings = config(bus, ib_port=simulator.port)
            kept = [known(contract(con_id)) for con_id in GONE]
            broker = broker_of(settings)
            async with running(settings, broker, bus, registry, kept_contracts=lambda: kept) as g:
                await until(lambda: set(g.table.held) == set(held))
                await until(lambda: SnapshotBoard(bus).head())
                await until(lambda: all(g.table.refused.get(con_id) for con_id in GONE))
                await asyncio.sleep(WATCHED_S)
                assert set(g.table.held) == set(held)
        sent = requests_read(log)
        gone = {str(con_id) for con_id in GONE}
        asked = Counter((fields[0], fields[3]) for fields in sent if fields[0] in ("1", "9"))
        assert {asked[("1", con_id)] for con_id in gone} == {1}
        assert {asked[("9", con_id)] for con_id in gone} == {1}

    asyncio.run(run())
