"""A gateway on a simulator whose holdings are distinguished by number."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from slotwise.bus.client import Bus
from slotwise.update import PositionUpdate
from tests.integration.gateway.gateway_floor import CLIENT_ID, Floor, broker_of, held_ids
from tests.integration.gateway.running_gateway import MemoryRegistry, config, running
from tests.unit.gateway.listeners import until
from tests.unit.tasks.conftest import shared as shared
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from workers.gateway.ib.timeouts import Timeouts

MODES = (
    "empty", "empty2151", "2151noend", "silent", "readonly", "err10275", "absent", "partial",
)  # fmt: skip


#: Length of a mode, seconds: some polls.
LASTS_S = 3.0


@dataclass
class Book:
    """A handler that keeps every quantity it received."""

    name: str = "book"
    quantities: dict[int, list[Decimal]] = field(default_factory=dict)

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        for update in updates:
            seen = self.quantities.setdefault(update.position.contract.con_id, [])
            seen.append(update.position.quantity)


def portfolio(path: Path, holdings: int, accounts: int) -> Path:
    """Share so many holdings among accounts: a share first, then options."""
    rows = [position_of(n) for n in range(holdings)]
    shared_out = [
        {"account": f"DU{n + 1:07}", "positions": rows[n::accounts]} for n in range(accounts)
    ]
    path.write_text(json.dumps({"accounts": shared_out}))
    return path


def position_of(n: int) -> dict[str, Any]:
    if n == 0:
        return {"symbol": "SPY", "quantity": 100}
    expiry = ("20261218", "20270115", "20270319", "20270618")[n % 4]
    strike = 100 + n // 8
    return {
        "symbol": "SPY", "sec_type": "OPT", "expiry": expiry, "strike": strike,
        "right": "PC"[n // 4 % 2], "quantity": n % 7 - 8,
    }  # fmt: skip


@asynccontextmanager
async def running_stand(
    bus: Bus, folder: Path, holdings: int, book: Book, *, accounts: int = 1, **changes: Any
) -> AsyncIterator[Floor]:
    made = SimulatorConfig(portfolio=portfolio(folder / "portfolio.json", holdings, accounts))
    async with SimulatorServer(made) as simulator:
        registry = MemoryRegistry()
        registry.activate("desk", held_ids(simulator)[:1])
        settings = config(
            bus, ib_port=simulator.port, ib_client_id=CLIENT_ID, poll_interval_s=1.0, **changes
        )
        timeouts = Timeouts(positions_s=1.0, remarked_s=0.3, account_s=1.0, executions_s=1.0)
        broker = broker_of(settings, timeouts)
        async with running(settings, broker, bus, registry, [book]) as gateway:
            floor = Floor(simulator, gateway, registry, bus)
            await until(lambda: len(gateway.router.portfolio.by_key) == holdings, 30)
            await until(lambda: gateway.streamer.ticks > 0, 30)
            yield floor


async def nothing_was_closed(f: Floor, book: Book, holdings: int) -> None:
    """Compare all that can be seen with what the simulator holds."""
    truth = {
        (p.account, p.contract.con_id): p.quantity for p in f.simulator.world.accounts.positions()
    }
    assert len(truth) == holdings
    held = {key: p.quantity for key, p in f.gateway.router.portfolio.by_key.items()}
    assert held == truth
    assert f.landing.closed() == []
    [active] = f.registry.wanted()
    quantity = {q for (_, con_id), q in truth.items() if con_id == active}
    assert set(book.quantities[active]) <= quantity
    assert f.events("cancel", "reject") == []
    ticks = f.gateway.streamer.ticks
    await until(lambda: f.gateway.streamer.ticks > ticks)
