"""A gateway in this process, over a fake or a real broker and a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.contract_details import KeptContract
from slotwise.handlers import Handler
from slotwise.portfolio.opening import Openings
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.rules.data_gaps import DataGap, LineEvent, data_gaps
from slotwise.rules.landing import Entry, Inserted, Rows
from slotwise.rules.position_queue import NewItem
from slotwise.rules.registry_changes import Reading, RegistryChange, RegistryState
from slotwise.settings import Settings
from workers.gateway.broker import Broker
from workers.gateway.gateway import Gateway


@dataclass
class MemoryRegistry:
    """Hold strategies in memory: priority and contracts by name."""

    strategies: dict[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)

    def read(self) -> Reading:
        return Reading(RegistryState(), RegistryState())

    def take(self, reading: Reading) -> bool:
        return True

    def follow(self, change: RegistryChange) -> bool:
        return False

    def wanted(self) -> dict[int, int]:
        wanted: dict[int, int] = {}
        for priority, con_ids in self.strategies.values():
            for con_id in con_ids:
                wanted[con_id] = min(priority, wanted.get(con_id, priority))
        return wanted

    def quantities(self, con_id: int) -> Mapping[str, Decimal]:
        return {}

    def owners(self, con_id: int) -> tuple[str, ...]:
        owning = [
            (priority, name)
            for name, (priority, con_ids) in self.strategies.items()
            if con_id in con_ids
        ]
        return tuple(name for _, name in sorted(owning))

    def activate(self, name: str, con_ids: Iterable[int], priority: int = 5) -> None:
        """Add a strategy; the gateway has to be notified."""
        self.strategies[name] = (priority, tuple(con_ids))


def config(bus: Bus, **changes: Any) -> Settings:
    """Make settings for a gateway on this bus."""
    values: dict[str, Any] = {
        "SLOTWISE_REDIS_URL": bus.url,
        "key_prefix": bus.prefix,
        "stream_row_interval_s": 0.05,
        "watch": (),
        "rotation": False,
        "spool": "memory",
        "ib_connect_timeout_s": 10.0,
    }
    return Settings(**(values | changes))


@asynccontextmanager
async def running(
    settings: Settings,
    broker: Broker,
    bus: Bus,
    registry: MemoryRegistry,
    handlers: Iterable[Handler] = (),
    book: Callable[[], Sequence[Position]] = tuple,
    kept_contracts: Callable[[], Sequence[KeptContract]] = tuple,
    quotes_in_lake: Callable[[], Mapping[int, Quote]] = dict,
    openings: Callable[[datetime], Openings] = lambda at: Openings(),
) -> AsyncIterator[Gateway]:
    """Run a gateway for the block; what ends it early is raised."""
    stop = asyncio.Event()
    gateway = Gateway(
        settings,
        broker,
        bus,
        registry,
        handlers,
        book=book,
        kept_contracts=kept_contracts,
        quotes_in_lake=quotes_in_lake,
        openings=openings,
    )
    task = asyncio.create_task(gateway.run(stop))
    try:
        yield gateway
    finally:
        stop.set()
        await task


class Landing:
    """Read what a gateway sent to the lake."""

    def __init__(self, bus: Bus) -> None:
        self._stream = LandingStream(bus)

    def entries(self) -> list[Entry]:
        """Read every entry."""
        return self._stream.read(0, 100_000)

    def gaps(self) -> dict[int, list[DataGap]]:
        """Read when each contract was wanted and not seen."""
        rows = self.rows("line_events")
        return data_gaps(LineEvent(**(r | {"reason": r["reason"] or ""})) for r in rows)

    def items(self) -> list[NewItem]:
        """Read every queue item, in order."""
        return [
            item
            for entry in self.entries()
            if isinstance(entry.head, Inserted)
            for item in entry.head.items
        ]

    def closed(self) -> list[int]:
        """Read the contract ids of closings, in order."""
        rows = self.rows("position_updates")
        return [row["con_id"] for row in rows if row["source"] == "close"]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Read every row sent to a table."""
        return [
            row
            for entry in self.entries()
            if isinstance(entry.head, Rows) and entry.head.table == table and entry.rows is not None
            for row in entry.rows.to_pylist()
        ]
