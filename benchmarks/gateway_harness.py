"""A gateway as a process of its own on a simulator in this one, whose ledger is at hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import until
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.errors import SlotwiseError
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from slotwise.registry import StrategyRegistry
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from tws_simulator.services.market_data.ledger import LedgerEvent
from workers.stack.child import Child, stop_all
from workers.stack.processes import gateway_spec

#: The gateway holds its first lines within this, seconds.
START_S = 60.0
#: Its client id.
CLIENT_ID = 17


class GatewayStand(NamedTuple):
    """Hold both ends, and what tells the gateway."""

    server: SimulatorServer
    registry: StrategyRegistry
    bus: Bus

    def contracts(self) -> list[int]:
        """Name what is held, in the portfolio's order."""
        return [one.contract.con_id for one in self.server.world.accounts.positions()]

    def events(self, *kinds: str, since: float = 0.0) -> list[LedgerEvent]:
        """Give the ledger's events from a time on, unix seconds."""
        ledger = list(self.server.ledger_events)
        return [event for event in ledger if event.event in kinds and event.t >= since]

    async def activate(self, strategy: str, con_ids: Sequence[int]) -> float:
        """Activate contracts; give when the gateway was told, in the simulator's time."""
        now = datetime.now(UTC)
        await asyncio.to_thread(self.registry.activate, strategy, con_ids, now, 1)
        return self._tell()

    async def close(self, strategy: str) -> None:
        """Close a strategy."""
        await asyncio.to_thread(self.registry.close, strategy, datetime.now(UTC))
        self._tell()

    def _tell(self) -> float:
        sent_at = self.server.now()
        Commands(self.bus).send(RegistryChanged())
        return sent_at


@asynccontextmanager
async def gateway_stand(
    folder: Path, redis_url: str, config: SimulatorConfig, active: int, *, rotation: bool
) -> AsyncIterator[GatewayStand]:
    """Start both, wait until so many contracts hold a line, and stop them; raises SlotwiseError."""
    lake, prefix = str(folder / "lake"), f"{folder.name}:"
    bus = Bus(redis_url, prefix)
    async with SimulatorServer(config) as server:
        Lake(lake).create()
        stand = GatewayStand(server, open_registry(lake), bus)
        stand.registry.activate("desk", stand.contracts()[:active], datetime.now(UTC), 1)
        env = {
            "REDIS_URL": redis_url,
            "SLOTWISE_REDIS_URL": redis_url,
            "SLOTWISE_KEY_PREFIX": prefix,
            "SLOTWISE_LAKE": lake,
            "SLOTWISE_LINES": str(config.lines),
            "SLOTWISE_IB_PORT": str(server.port),
            "SLOTWISE_IB_CLIENT_ID": str(CLIENT_ID),
            "SLOTWISE_ROTATION": str(rotation).lower(),
            # Where quotes end at once, a contract's turn comes sooner than the floor allows.
            "SLOTWISE_QUOTE_FLOOR_S": "0",
        }
        gateway = Child(gateway_spec(env, folder))
        try:
            gateway.start()
            await until(_holds(stand, gateway, active), START_S, "the gateway holds its lines")
            yield stand
        finally:
            await asyncio.to_thread(stop_all, [gateway])
            bus.close()


def _holds(stand: GatewayStand, gateway: Child, active: int) -> Callable[[], bool]:
    def holds() -> bool:
        if gateway.exit_status is not None:
            raise SlotwiseError(f"the gateway ended: {gateway.last_words()}")
        return len({event.con_id for event in stand.events("open")}) >= active

    return holds
