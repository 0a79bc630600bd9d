"""A rotator over a broker in memory, with hours and contracts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from slotwise.quote import Quote
from slotwise.rules.landing import Head
from slotwise.rules.quote_shares import QuoteTarget
from tests.support.values import contract, known
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.contracts.trading_hours_cache import TradingHoursCache
from workers.gateway.lines.rotator import PLAN_S, Rotator
from workers.gateway.lines.table import LineTable
from workers.gateway.outbox.quote_rows import QuoteRows

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Desk:
    """A rotator over a fake broker, with a clock that a test turns."""

    def __init__(
        self,
        lines: int = 2,
        server: int = 100,
        contracts: int = 3,
        floor_s: int = 0,
        reserve: int = 0,
    ) -> None:
        self.now = 0.0
        self.quotes: list[Quote] = []
        self.entries: list[tuple[Head, Any]] = []
        self.broker = FakeBroker(server)
        self.broker.up = True
        self.broker.listen(Remembering())
        self.table = LineTable(lines, rotation_reserve=reserve)
        #: What not knowing a contract's price better costs.
        self.costs: dict[int, float] = {}
        self.book = ContractCache(self.broker)
        self.rows = QuoteRows(
            lambda head, rows: self.entries.append((head, rows)), 60.0, lambda: self.now
        )
        self.rotator = Rotator(
            self.broker, self.book, self.table, self.quotes.append, self.rows,
            TradingHoursCache(self.book, lambda: self.now), clock=lambda: self.now,
            floor_s=floor_s, costs=lambda: self.costs,
            now=lambda: NOON + timedelta(seconds=self.now),
        )  # fmt: skip
        self.book.recall(known(contract(con_id)) for con_id in range(1, contracts + 1))
        self.rotator.want({con_id: QuoteTarget() for con_id in range(1, contracts + 1)})

    async def pass_time(self, seconds: float) -> None:
        """Let time pass in steps no longer than the rotator asks for."""
        until_ = self.now + seconds
        while self.now < until_:
            wait_s = self.rotator.step()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.now = min(self.now + max(wait_s, 1e-4), until_)
        self.rotator.step()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def hours_are_known(self) -> None:
        """Let the first look-ups be answered."""
        await self.pass_time(2 * PLAN_S)

    async def all_are_quoted(self) -> None:
        """Let each contract's first quote be taken."""
        await self.hours_are_known()
        for con_id in list(self.broker.snapshots):
            self.broker.end_snapshot(con_id, bid=5, ask=6)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def asked(self) -> list[int]:
        """Name the contracts a quote was asked of, in order."""
        words = [word.split() for word in self.broker.wire]
        return [int(con_id) for kind, con_id in words if kind == "snapshot"]


@asynccontextmanager
async def desk(**options: int) -> AsyncIterator[Desk]:
    """Make a desk; ends its tasks."""
    made = Desk(**options)
    try:
        yield made
    finally:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


def claim(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test on an event loop."""

    def run() -> None:
        asyncio.run(test())

    run.__doc__ = test.__doc__
    return run
