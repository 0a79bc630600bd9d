"""The gateway on the simulator over a socket, its parts within reach of a test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.portfolio.opening import Openings
from slotwise.quote import Quote
from slotwise.settings import Settings
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.unit.gateway.listeners import until
from tws_simulator.config import SimulatorConfig
from tws_simulator.control.dispatch import dispatch
from tws_simulator.server import SimulatorServer
from tws_simulator.services.market_data.ledger import LedgerEvent
from workers.gateway.gateway import Gateway
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts

WATCHED = ("VIX", "SPY", "QQQ", "IWM")


CLIENT_ID = 31


@dataclass
class Floor:
    """A simulator, a gateway on it, and what can be seen of both."""

    simulator: SimulatorServer
    gateway: Gateway
    registry: MemoryRegistry
    bus: Bus

    @property
    def landing(self) -> Landing:
        return Landing(self.bus)

    def do(self, **command: Any) -> None:
        """Give the simulator a command."""
        simulator = self.simulator
        line = json.dumps(command).encode()
        answer = json.loads(dispatch(line, simulator.world, simulator, simulator.now()))
        assert answer["ok"], answer

    def activate(self, name: str, con_ids: Iterable[int], priority: int = 5) -> None:
        """Activate a strategy and notify the gateway."""
        self.registry.activate(name, con_ids, priority)
        Commands(self.bus).send(RegistryChanged())

    def events(self, *kinds: str) -> list[LedgerEvent]:
        """Read the ledger."""
        return [e for e in self.simulator.ledger_events if e.event in kinds]

    async def steady(self, held: int) -> None:
        """Wait until the simulator counts so many lines."""
        await until(lambda: self.simulator.world.lines.held == held)


def was_opened(f: Floor, con_id: int) -> bool:
    """Return whether the simulator ever opened a line of a contract."""
    return con_id in {event.con_id for event in f.events("open")}


def held_ids(simulator: SimulatorServer) -> list[int]:
    """Name the contracts of the simulator's portfolio."""
    return [p.contract.con_id for p in simulator.world.accounts.positions()]


def broker_of(settings: Settings, timeouts: Timeouts | None = None) -> IbBroker:
    return IbBroker(
        settings.ib_host,
        settings.ib_port,
        settings.ib_client_id,
        timeouts,
        delayed=settings.delayed_data,
    )


def quotes_of(f: Floor, source: str) -> list[dict[str, Any]]:
    """Read the rows of quotes that came this way."""
    return [row for row in f.landing.rows("quotes") if row["source"] == source]


@asynccontextmanager
async def floor(
    bus: Bus,
    *,
    positions: int = 200,
    lines: int = 100,
    active: int = 20,
    timeouts: Timeouts | None = None,
    wire_log: Path | None = None,
    settle: Literal["quick", "measured"] = "quick",
    quotes_in_lake: Callable[[], Mapping[int, Quote]] = dict,
    openings: Callable[[datetime], Openings] = lambda at: Openings(),
    **changes: Any,
) -> AsyncIterator[Floor]:
    made = SimulatorConfig(positions=positions, lines=lines, wire_log=wire_log, settle=settle)
    async with SimulatorServer(made) as simulator:
        registry = MemoryRegistry()
        if active:
            registry.activate("desk", held_ids(simulator)[:active])
        settings = config(
            bus, ib_port=simulator.port, ib_client_id=CLIENT_ID, **({"lines": lines} | changes)
        )
        broker = broker_of(settings, timeouts)
        async with running(
            settings, broker, bus, registry, quotes_in_lake=quotes_in_lake, openings=openings
        ) as gateway:
            yield Floor(simulator, gateway, registry, bus)
