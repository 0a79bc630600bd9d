"""A probe in this process against a simulator with set behaviours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from slotwise.settings import Settings
from tests.unit.gateway.listeners import until
from tws_simulator.config import SimulatorConfig
from tws_simulator.control.dispatch import dispatch
from tws_simulator.likeness.likeness import Likeness
from tws_simulator.server import SimulatorServer
from workers.probe.fact import ProbeReport
from workers.probe.run import Probe, ProbeOptions
from workers.probe.times import ProbeTimes

#: Waits that suit a simulator, which answers at once.
QUICK = ProbeTimes(
    gap_s=0.025,
    connect_s=5.0,
    greeting_s=0.3,
    poll_s=0.2,
    stream_s=0.6,
    snapshot_s=1.0,
    refusal_s=0.2,
    marks_s=1.0,
)
CLIENT_ID = 18


def settings_for(port: int, **changes: Any) -> Settings:
    """Make settings that name a simulator."""
    return Settings(ib_port=port, watch=(), **changes)


async def probed(
    *commands: dict[str, Any],
    options: ProbeOptions | None = None,
    meanwhile: Callable[[SimulatorServer, Probe], Awaitable[None]] | None = None,
    times: ProbeTimes = QUICK,
    delayed_data: bool = False,
    like: Likeness | None = None,
    **simulator: Any,
) -> tuple[ProbeReport, SimulatorServer]:
    """Probe a simulator that was given commands, and hold it to what every probe keeps."""
    config = SimulatorConfig(
        **({"positions": 40, "messages_per_s": 0} | simulator),
        commands=tuple(json.dumps(each) for each in commands),
    )
    if like is not None:
        config = like.applied_to(config)
    async with SimulatorServer(config) as server:
        before = held(server)
        probe = Probe(
            settings_for(server.port, delayed_data=delayed_data),
            options or ProbeOptions(),
            lambda _: None,
            client_id=CLIENT_ID,
            times=times,
        )
        running = asyncio.create_task(probe.run())
        if meanwhile is not None:
            await meanwhile(server, probe)
        report = await running
        await nothing_open(server)
        assert held(server) == before, "a probe changes nothing"
        return report, server


async def nothing_open(server: SimulatorServer) -> None:
    """Wait until the simulator has seen the connection end, and count its lines."""
    await until(lambda: not server.world.clients)
    assert server.world.lines.held == 0


def held(server: SimulatorServer) -> list[tuple[str, int, str]]:
    """Return what the simulator's accounts hold."""
    return sorted(
        (p.account, p.contract.con_id, str(p.quantity)) for p in server.world.accounts.positions()
    )


def do(server: SimulatorServer, **command: Any) -> None:
    """Give the running simulator a command."""
    answer = json.loads(dispatch(json.dumps(command).encode(), server.world, server, server.now()))
    assert answer["ok"], answer
    server.wake()
