"""Two gateways as processes: one works, the other is refused or stands by."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.bus.leader_lock import LEADER_LOCK_MS
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from tests.integration.gateway.test_command import environment, fails
from tests.support.forked_child import start_process
from tests.unit.gateway.listeners import until
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer

ACTIVE = 6
#: Longest a process may take to start and act, seconds.
START_S = 30.0


@contextmanager
def gateway(env: dict[str, str], *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a gateway as a process, and end it."""
    process = start_process(("gateway", *options), env, Path(os.devnull), Path.cwd())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(120)
def test_a_standby_takes_over_and_no_other_gets_in(bus: Bus, tmp_path: Path) -> None:
    """kill -9 of the first: the standby has every line, and there were never more than active."""

    async def run() -> None:
        async with SimulatorServer(SimulatorConfig(positions=20)) as simulator:
            held = [p.contract.con_id for p in simulator.world.accounts.positions()][:ACTIVE]
            lake = tmp_path / "lake"
            Lake(str(lake)).create()
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


@pytest.mark.timeout(180)
def test_a_gateway_that_was_stopped_notices_that_another_has_its_post(
    bus: Bus, tmp_path: Path
) -> None:
    """SIGSTOP for longer than the leader lock lasts: the standby works, and the first only leaves.

    While it is stopped TWS keeps its lines, as its socket is open. Then it gives them back, and
    opens none for what was activated meanwhile.
    """

    async def run() -> None:
        async with SimulatorServer(SimulatorConfig(positions=20)) as simulator:
            held = [p.contract.con_id for p in simulator.world.accounts.positions()]
            lake = tmp_path / "lake"
            Lake(str(lake)).create()
            registry = open_registry(str(lake))
            registry.activate("desk", held[:ACTIVE], datetime.now(UTC))
            env = environment(
                bus,
                lake,
                SLOTWISE_IB_PORT=str(simulator.port),
                SLOTWISE_ROTATION="false",
                SLOTWISE_WATCH="",
            )

            def lines_of(client_id: int) -> int:
                mine = [e.event for e in simulator.ledger_events if e.client_id == client_id]
                return mine.count("open") - mine.count("cancel") - mine.count("end")

            with gateway(env) as first:
                await until(lambda: lines_of(17) == ACTIVE, START_S)
                with gateway(env | {"SLOTWISE_IB_CLIENT_ID": "18"}, "--standby") as second:
                    first.send_signal(signal.SIGSTOP)
                    await until(lambda: lines_of(18) == ACTIVE, START_S + LEADER_LOCK_MS / 1000)
                    registry.activate("later", held[ACTIVE : 2 * ACTIVE], datetime.now(UTC))
                    Commands(bus).send(RegistryChanged())
                    await until(lambda: lines_of(18) == 2 * ACTIVE, START_S)
                    assert lines_of(17) == ACTIVE
                    first.send_signal(signal.SIGCONT)
                    await until(lambda: first.poll() is not None, START_S)
                    assert first.returncode == 1
                    await until(lambda: sorted(simulator.world.clients) == [18], START_S)
                    assert lines_of(17) == 0
                    assert lines_of(18) == 2 * ACTIVE
                    assert second.poll() is None
            opened = [e for e in simulator.ledger_events if e.event == "open"]
            assert sum(e.client_id == 17 for e in opened) == ACTIVE
            assert max(e.held for e in simulator.ledger_events) == 3 * ACTIVE

    asyncio.run(run())


@pytest.mark.timeout(120)
def test_a_gateway_that_follows_a_killed_one_does_not_wait(bus: Bus, tmp_path: Path) -> None:
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
