"""One poll at a time; a caller gets a snapshot that began after its request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from slotwise.errors import BrokerError, BrokerTimeoutError, RequestRefusedError
from slotwise.position import Snapshot
from tests.support.values import position
from tests.support.virtual_time import virtual_time
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import soon, until
from workers.gateway.positions.poller import GATHER_S, RETRY_S, Poller

#: A time that no test waits for, seconds.
NEVER_S = 3600.0


class Bench:
    """A poller and what it took."""

    def __init__(self, broker: FakeBroker, interval_s: float, gather_s: float) -> None:
        self.broker = broker
        self.taken: asyncio.Queue[Snapshot] = asyncio.Queue()
        self.failed: asyncio.Queue[str] = asyncio.Queue()
        self.ready = asyncio.Event()
        self.poller = Poller(
            broker,
            interval_s,
            self.taken.put,
            lambda error, requested_at: self.failed.put_nowait(str(error)),
            gather_s=gather_s,
        )


@asynccontextmanager
async def running(
    broker: FakeBroker | None = None, interval_s: float = 1000.0, gather_s: float = GATHER_S
) -> AsyncIterator[Bench]:
    bench = Bench(broker or FakeBroker(), interval_s, gather_s)
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
    """Without a request."""

    async def run() -> None:
        async with running(interval_s=0.01) as bench:
            bench.ready.set()
            for _ in range(3):
                await soon(bench.taken)

    asyncio.run(run())


@pytest.mark.parametrize(
    "error", [BrokerTimeoutError("no end"), RequestRefusedError(321, "read-only")]
)
def test_a_poll_that_fails_is_repeated_after_pauses_that_grow(error: BrokerError) -> None:
    """It is no snapshot and ends nothing; the first answer counts again."""

    async def run() -> None:
        async with running() as bench:
            bench.broker.refusal = error
            bench.ready.set()
            loop = asyncio.get_running_loop()
            times = []
            for _ in range(3):
                assert await soon(bench.failed) == str(error)
                times.append(loop.time())
            first, second = times[1] - times[0], times[2] - times[1]
            assert first == pytest.approx(RETRY_S[0])
            assert second == pytest.approx(RETRY_S[1])
            assert bench.taken.empty()
            assert bench.poller.failures == 3
            bench.broker.refusal = None
            bench.poller.request()
            await soon(bench.taken)
            assert bench.poller.failures == 0

    with virtual_time() as loop:
        loop.run_until_complete(run())


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


def test_a_request_of_our_own_does_not_wait() -> None:
    async def run() -> None:
        async with running(gather_s=NEVER_S) as bench:
            bench.ready.set()
            await soon(bench.taken)
            bench.poller.request(shared=True)
            bench.poller.request()
            await until(lambda: bench.broker.polls == 2)

    asyncio.run(run())


def test_a_snapshot_names_the_questions_that_came_before_it() -> None:
    """One that comes while a poll is under way is answered by the next."""

    async def run() -> None:
        async with running() as bench:
            bench.broker.may_answer.clear()
            bench.poller.request(question="a")
            bench.ready.set()
            await until(lambda: bench.broker.polls == 1)
            bench.poller.request(question="b")
            bench.broker.may_answer.set()
            first, second = await soon(bench.taken), await soon(bench.taken)
            assert (first.questions, second.questions) == (("a",), ("b",))

    asyncio.run(run())


def test_a_question_is_kept_until_a_poll_is_answered() -> None:
    async def run() -> None:
        async with running() as bench:
            bench.broker.refusal = BrokerTimeoutError("no end")
            bench.ready.set()
            bench.poller.request(question="a")
            await soon(bench.failed)
            bench.broker.refusal = None
            bench.poller.request()
            assert (await soon(bench.taken)).questions == ("a",)

    asyncio.run(run())


def test_a_poll_under_way_at_a_loss_does_not_hold_up_the_next() -> None:
    """Its request may never be answered; the one after the loss answers the questions of both."""

    async def run() -> None:
        async with running() as bench:
            bench.broker.may_answer.clear()
            bench.poller.request(question="a")
            bench.ready.set()
            await until(lambda: bench.broker.polls == 1)
            bench.ready.clear()
            bench.poller.pause()
            await asyncio.sleep(GATHER_S)
            back_at = datetime.now(UTC)
            bench.ready.set()
            bench.poller.request()
            await until(lambda: bench.broker.polls == 2)
            bench.broker.may_answer.set()
            snapshot = await soon(bench.taken)
            assert snapshot.requested_at >= back_at
            assert snapshot.questions == ("a",)
            assert bench.failed.empty()
            assert bench.poller.failures == 0

    asyncio.run(run())


def test_an_answer_that_comes_after_a_loss_is_no_snapshot() -> None:
    async def run() -> None:
        async with running() as bench:
            bench.broker.may_answer.clear()
            bench.ready.set()
            await until(lambda: bench.broker.polls == 1)
            bench.ready.clear()
            bench.poller.pause()
            bench.broker.may_answer.set()
            await asyncio.sleep(GATHER_S)
            assert bench.taken.empty()
            assert bench.failed.empty()

    asyncio.run(run())
