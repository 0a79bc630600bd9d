"""The whole gateway on a replay of one of the recordings in `tests/recordings`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from slotwise.bus.client import Bus
from tests.integration.gateway.running_gateway import MemoryRegistry, config, running
from tests.integration.recordings.played import CLIENT_ID, path_of
from tws_simulator.replay.server import ReplayServer
from workers.gateway.gateway import Gateway
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts

#: Answers that never come are given up soon, seconds.
TIMEOUTS = Timeouts(
    positions_s=1.0, remarked_s=0.3, account_s=1.0, executions_s=1.0, summary_s=1.0, details_s=1.0
)


@asynccontextmanager
async def gateway_on(
    recording: str | Path,
    bus: Bus,
    active: Iterable[int] = (),
    *,
    speed: float = 1.0,
    rotation: bool = False,
    lines: int = 100,
) -> AsyncIterator[Gateway]:
    """Play a recording to a gateway for the block; it streams the active contracts."""
    path = path_of(recording) if isinstance(recording, str) else recording
    registry = MemoryRegistry()
    if active:
        registry.activate("desk", active)
    async with ReplayServer(path, speed=speed) as replay:
        settings = config(
            bus,
            ib_port=replay.port,
            ib_client_id=CLIENT_ID,
            poll_interval_s=1.0,
            rotation=rotation,
            lines=lines,
        )
        broker = IbBroker(settings.ib_host, replay.port, CLIENT_ID, TIMEOUTS)
        async with running(settings, broker, bus, registry) as gateway:
            yield gateway


def held(gateway: Gateway) -> set[int]:
    """Return the ids of the contracts that the gateway holds to be held."""
    return {con_id for _, con_id in gateway.router.portfolio.by_key}
