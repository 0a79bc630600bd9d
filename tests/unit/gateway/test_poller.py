"""One poll at a time; whoever asks gets a snapshot that began after they asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from slotwise.errors import BrokerTimeoutError
from slotwise.position import Position, Snapshot
from tests.support.values import position
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import soon, until
from workers.gateway.poller import GATHER_S, TIMEOUTS_ALLOWED, Poller


class SilentBroker(FakeBroker):
    """A broker whose answer never ends."""

    async def positions(self) -> tuple[Position, ...]:
        self.polls += 1
        await asyncio.sleep(0)
        raise BrokerTimeoutError("no end")


class Bench:
    """A poller and what it took."""

    def __init__(self, broker: FakeBroker, interval_s: float) -> None:
        self.broker = broker
        self.taken: asyncio.Queue[Snapshot] = asyncio.Queue()
        self.silent: asyncio.Queue[str] = asyncio.Queue()
        self.ready = asyncio.Event()
        self.poller = Poller(broker, interval_s, self.taken.put, self.went_silent)

    def went_silent(self, reason: str) -> None:
        """Stop polling, as a session does that gives its connection up."""
        self.ready.clear()
        self.silent.put_nowait(reason)


@asynccontextmanager
async def running(
    broker: FakeBroker | None = None, interval_s: float = 1000.0
) -> AsyncIterator[Bench]:
    bench = Bench(broker or FakeBroker(), interval_s)
    bench.broker.up = True
    bench.broker.portfolio = [position(1)]
    task = asyncio.create_task(bench.poller.run(bench.ready))
    try:
        yield bench
    finally:
        task.cancel()


def test_requests_during_a_poll_share_the_next_one() -> None:
    """Three requests under way cost one poll, which starts after them."""

    async def run() -> None:
        async with running() as bench:
            bench.broker.may_answer.clear()
            bench.ready.set()
            await until(lambda: bench.broker.polls == 1)
            for _ in range(3):
                bench.poller.request()
            bench.broker.may_answer.set()
            first, second = await soon(bench.taken), await soon(bench.taken)
            assert second.requested_at >= first.completed_at
            assert first.snapshot_id != second.snapshot_id
            assert bench.broker.polls == 2

    asyncio.run(run())


def test_nothing_is_asked_without_a_connection() -> None:
    """A request waits for the connection and is then met."""

    async def run() -> None:
        async with running() as bench:
            bench.poller.request()
            await asyncio.sleep(0)
            assert bench.broker.polls == 0
            bench.ready.set()
            assert [p.key for p in (await soon(bench.taken)).positions] == [position(1).key]

    asyncio.run(run())


def test_polls_come_at_the_interval() -> None:
    """Nobody has to ask."""

    async def run() -> None:
        async with running(interval_s=0.01) as bench:
            bench.ready.set()
            for _ in range(3):
                await soon(bench.taken)

    asyncio.run(run())


def test_an_incomplete_answer_is_no_snapshot() -> None:
    """It is asked for again, and a peer that never ends its answer is given up."""

    async def run() -> None:
        async with running(SilentBroker()) as bench:
            bench.ready.set()
            assert await soon(bench.silent) == "no end"
            assert bench.broker.polls == TIMEOUTS_ALLOWED + 1
            assert bench.taken.empty()

    asyncio.run(run())


def test_requests_for_others_wait_a_moment_for_more() -> None:
    """Two reconciliations at once share one poll that starts after both."""

    async def run() -> None:
        async with running() as bench:
            bench.ready.set()
            await soon(bench.taken)
            asked_at = []
            for _ in range(2):
                asked_at.append(datetime.now(UTC))
                bench.poller.request(shared=True)
                await asyncio.sleep(GATHER_S / 4)
            shared = await soon(bench.taken)
            assert shared.requested_at >= max(asked_at)
            await asyncio.sleep(2 * GATHER_S)
            assert bench.broker.polls == 2

    asyncio.run(run())


def test_a_request_of_our_own_waits_for_nobody() -> None:
    async def run() -> None:
        async with running() as bench:
            bench.ready.set()
            await soon(bench.taken)
            bench.poller.request(shared=True)
            bench.poller.request()
            began = asyncio.get_running_loop().time()
            await until(lambda: bench.broker.polls == 2)
            assert asyncio.get_running_loop().time() - began < GATHER_S

    asyncio.run(run())
