"""Two gateways as processes: one works, the other is refused or stands by."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.lake.registry_store import open_registry
from tests.integration.gateway.test_command import COMMAND, environment, fails
from tests.unit.gateway.listeners import until
from workers.simulator.config import SimulatorConfig
from workers.simulator.server import SimulatorServer

ACTIVE = 6
#: Longest a process may take to start and act, seconds.
START_S = 30.0


@contextmanager
def gateway(env: dict[str, str], *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a gateway as a process, and end it."""
    process = subprocess.Popen([*COMMAND, *options], env=env, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(120)
def test_a_standby_takes_over_and_nobody_else_gets_in(bus: Bus, tmp_path: Path) -> None:
    """kill -9 of the first: the standby has every line, and there were never more than active."""

    async def run() -> None:
        async with SimulatorServer(SimulatorConfig(positions=20)) as simulator:
            held = [p.contract.con_id for p in simulator.world.accounts.positions()][:ACTIVE]
            lake = tmp_path / "lake"
            open_registry(str(lake)).activate("desk", held, datetime.now(UTC))
            env = environment(
                bus,
                lake,
                SLOTWISE_IB_PORT=str(simulator.port),
                SLOTWISE_ROTATION="false",
                SLOTWISE_WATCH="",
            )
            lines, clients = simulator.world.lines, simulator.world.clients
            with gateway(env) as first:
                await until(lambda: lines.held == ACTIVE, START_S)
                refused = await asyncio.to_thread(fails, env | {"SLOTWISE_IB_CLIENT_ID": "99"})
                assert f"a gateway runs already: process {first.pid} on" in refused
                with gateway(env | {"SLOTWISE_IB_CLIENT_ID": "18"}, "--standby") as second:
                    await asyncio.sleep(3)
                    assert sorted(clients) == [17]
                    first.kill()
                    first.wait()
                    await until(lambda: sorted(clients) == [18] and lines.held == ACTIVE, START_S)
                    assert second.poll() is None
            assert max(e.held for e in simulator.ledger_events) == ACTIVE

    asyncio.run(run())


@pytest.mark.timeout(120)
def test_a_gateway_that_follows_a_killed_one_waits_for_nobody(bus: Bus, tmp_path: Path) -> None:
    """A supervisor starts the next at once, and the one before is known to be dead."""

    async def run() -> None:
        async with SimulatorServer(SimulatorConfig(positions=5)) as simulator:
            env = environment(bus, tmp_path / "lake", SLOTWISE_IB_PORT=str(simulator.port))
            clients = simulator.world.clients
            with gateway(env) as first:
                await until(lambda: clients, START_S)
                os.kill(first.pid, 9)
                first.wait()
            with gateway(env) as second:
                await until(lambda: clients, START_S)
                assert second.poll() is None

    asyncio.run(run())
