"""Holdings over a broker in memory, on a clock that a test turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import fakeredis
import msgspec
import pyarrow as pa

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.position import Position, Snapshot
from slotwise.reconciliation.evidence import Execution
from slotwise.rules.landing import Head, Rows
from tests.support.values import NOON, snapshot
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.fake_broker import FakeBroker
from workers.gateway.outbox.publisher import Publisher
from workers.gateway.positions.holdings import Holdings
from workers.gateway.positions.queue_inserts import Insertions
from workers.gateway.positions.router import Router

#: Evidence is looked for this often here, seconds.
EVIDENCE_S = 0.05


class Keeper:
    """Keep what would land."""

    def __init__(self) -> None:
        self.landed = 0
        self.closed: list[int] = []

    def keep(self, head: Head, rows: pa.RecordBatch | None = None) -> int:
        if isinstance(head, Rows) and rows is not None:
            self.closed += [row["con_id"] for row in rows.to_pylist()]
        return 1


class Bench:
    """Holdings over a broker in memory, on a clock that a test turns."""

    def __init__(self) -> None:
        self.tws, self.keeper, self.now = FakeBroker(), Keeper(), 1000.0
        self.tws.up = True
        self.polls_asked = 0
        self.publisher = Publisher()
        self.router = Router(
            self.publisher,
            SnapshotBoard(Bus.over(fakeredis.FakeRedis())),
            Insertions(self.keeper),
            lambda position: None,
            self.tws.numbering,
        )
        self.holdings = Holdings(
            self.tws,
            self.router,
            self.ask_again,
            in_values=lambda held: True,
            clock=lambda: self.now,
            evidence_s=EVIDENCE_S,
        )
        self.holdings.session_began()

    def ask_again(self) -> None:
        self.polls_asked += 1

    async def poll(self) -> None:
        answer = await self.tws.positions()
        taken: Snapshot = msgspec.structs.replace(
            snapshot("s", *answer, when=NOON), sequence=answer.sequence, remarks=answer.remarks
        )
        await self.holdings.take(taken)

    def held(self) -> set[int]:
        return {con_id for _, con_id in self.router.portfolio.by_key}


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    made, ready = Bench(), asyncio.Event()
    ready.set()
    looking = asyncio.create_task(made.holdings.run(ready))
    try:
        yield made
    finally:
        looking.cancel()
        made.holdings.close()
        made.publisher.close()


def on(claim: Callable[[Bench], Awaitable[None]]) -> None:
    async def run() -> None:
        async with bench() as made:
            await claim(made)

    in_virtual_time(run())


def sold(held: Position) -> Execution:
    return Execution(
        exec_id="0000.1.01", account=held.account, con_id=held.contract.con_id,
        quantity=-held.quantity, price=Decimal(1), at=datetime.now(UTC), client_id=0, order_id=0,
    )  # fmt: skip
