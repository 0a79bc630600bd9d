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
from slotwise.bus.commands import Commands, registry_command
from slotwise.client.strategies import register_strategy
from slotwise.errors import SlotwiseError
from slotwise.lake.registry_store import DeltaRegistryStore
from slotwise.lake.store import Lake
from slotwise.rules.registry_changes import RegistryChange, RegistryRow
from slotwise.settings import Settings
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from tws_simulator.services.market_data.ledger import LedgerEvent
from workers.stack.child import Child, stop_all
from workers.stack.processes import gateway_spec

#: The gateway holds its first lines within this, seconds.
START_S = 60.0
#: Its client id.
CLIENT_ID = 17


class CallTimes(NamedTuple):
    """Hold when a call began, and when it had recorded and sent the change, unix seconds."""

    called_at: float
    returned_at: float


class CloseTimes(NamedTuple):
    """Hold the parts of a call that closes a strategy, seconds: the record, and the message."""

    record_s: float
    message_s: float


class GatewayStand(NamedTuple):
    """Hold both ends, and what they share."""

    server: SimulatorServer
    settings: Settings
    bus: Bus

    def contracts(self) -> list[int]:
        """Return what is held, in the portfolio's order."""
        return [one.contract.con_id for one in self.server.world.accounts.positions()]

    def events(self, *kinds: str, since: float = 0.0) -> list[LedgerEvent]:
        """Return the ledger's events from a time on, unix seconds."""
        ledger = list(self.server.ledger_events)
        return [event for event in ledger if event.event in kinds and event.t >= since]

    async def activate(self, strategy: str, con_ids: Sequence[int]) -> CallTimes:
        """Activate contracts as a user's code does, without a look-up at TWS."""
        called_at = self.server.now()
        await asyncio.to_thread(register_strategy, self.settings, strategy, con_ids, 1)
        return CallTimes(called_at, self.server.now())

    async def close(self, strategy: str) -> CloseTimes:
        """Close a strategy without looking whether it is open, which would read the registry."""
        times: list[float] = [self.server.now()]

        def send(change: RegistryChange) -> None:
            times.append(self.server.now())
            commands.send(registry_command(change))
            times.append(self.server.now())

        row = RegistryRow("closed", "closed", strategy, None, None, datetime.now(UTC))
        store = DeltaRegistryStore(Lake(self.settings.lake_path))
        commands = Commands(self.bus)
        await asyncio.to_thread(store.append, [row], send)
        return CloseTimes(times[1] - times[0], times[2] - times[1])


@asynccontextmanager
async def gateway_stand(
    folder: Path, redis_url: str, config: SimulatorConfig, active: int, *, rotation: bool
) -> AsyncIterator[GatewayStand]:
    """Start both, wait until `active` contracts hold a line, and stop them; raises SlotwiseError.

    A lake that is in the folder already is used as it is.
    """
    lake, prefix = str(folder / "lake"), f"{folder.name}:"
    settings = Settings(SLOTWISE_REDIS_URL=redis_url, key_prefix=prefix, lake=lake)
    bus = Bus(redis_url, prefix)
    async with SimulatorServer(config) as server:
        Lake(lake).create()
        stand = GatewayStand(server, settings, bus)
        register_strategy(settings, "desk", stand.contracts()[:active], 1)
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
