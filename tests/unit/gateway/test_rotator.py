"""Quotes are taken on idle lines only, within the messages that are left, and of open markets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from slotwise.landing import Head
from slotwise.quote import Quote
from slotwise.rotation import Wish
from slotwise.trading_hours import TradingHours
from tests.support.values import contract
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering, until
from workers.gateway.contracts import ContractBook
from workers.gateway.hours_book import HoursBook
from workers.gateway.line_limit import PROBE_S
from workers.gateway.line_table import RETRY_REFUSED_S, LineTable
from workers.gateway.message_budget import KEPT_FREE, MOST
from workers.gateway.quote_rows import QuoteRows
from workers.gateway.rotator import EMPTY_REST_S, PLAN_S, Rotator

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Desk:
    """A rotator over a fake broker, with a clock that a test turns."""

    def __init__(self, lines: int = 2, server: int = 100, contracts: int = 3) -> None:
        self.now = 0.0
        self.quotes: list[Quote] = []
        self.entries: list[tuple[Head, Any]] = []
        self.broker = FakeBroker(server)
        self.broker.up = True
        self.broker.listen(Remembering())
        self.table = LineTable(lines)
        self.book = ContractBook(self.broker)
        self.rows = QuoteRows(
            lambda head, rows: self.entries.append((head, rows)), 60.0, lambda: self.now
        )
        self.rotator = Rotator(
            self.broker, self.book, self.table, self.quotes.append, self.rows,
            HoursBook(self.broker, lambda: self.now), clock=lambda: self.now,
            now=lambda: NOON + timedelta(seconds=self.now),
        )  # fmt: skip
        for con_id in range(1, contracts + 1):
            self.book.learn(contract(con_id))
        self.rotator.want({con_id: Wish() for con_id in range(1, contracts + 1)})

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


def claim(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Run a test on an event loop."""

    def run() -> None:
        asyncio.run(test())

    run.__doc__ = test.__doc__
    return run


@claim
async def test_only_idle_lines_are_used() -> None:
    """Two lines, one of them held: one quote at a time, and the next when it has ended."""
    async with desk(lines=2) as d:
        d.table.opened(contract(9), 0.0)
        await d.hours_are_known()
        assert d.asked() == [1]
        d.broker.end_snapshot(1, bid=5, ask=6)
        await d.pass_time(0.1)
        assert d.asked() == [1, 2]
        assert [q.con_id for q in d.quotes] == [1]
        d.rows.flush()
        [(_, rows)] = d.entries
        assert rows.to_pylist()[0]["source"] == "snapshot"


@claim
async def test_hours_are_asked_once_for_contracts_that_trade_alike() -> None:
    """And before the first quote."""
    async with desk(lines=5) as d:
        d.book.learn(contract(7, symbol="S1"))
        d.rotator.want({1: Wish(), 7: Wish()})
        await d.hours_are_known()
        assert [word for word in d.broker.wire if "hours" in word] == ["hours 1"]
        assert d.broker.wire[0] == "hours 1"
        assert sorted(d.asked()) == [1, 7]


@claim
async def test_a_closed_market_is_not_asked() -> None:
    """From the minute it opens it is."""
    async with desk(lines=5, contracts=1) as d:
        opens = NOON + timedelta(seconds=100)
        d.broker.hours = TradingHours(((opens, opens + timedelta(hours=1)),), NOON + timedelta(1))
        await d.pass_time(99)
        assert d.asked() == []
        assert d.rotator.status().resting == 1
        await d.pass_time(3)
        assert d.asked() == [1]


@claim
async def test_messages_are_left_free_for_what_matters() -> None:
    """As many quotes in a second as there is room for, and two messages less."""
    async with desk(lines=100, contracts=90) as d:
        await d.pass_time(4.0)
        d.rotator.want({con_id: Wish(2.0) for con_id in range(1, 91)})
        for con_id in list(d.broker.snapshots):
            d.broker.end_snapshot(con_id, last=1)
        await asyncio.sleep(0)
        d.broker.wire.clear()
        await d.pass_time(1.0)
        # The fake broker counts no message by itself.
        assert d.rotator.status().rate_planned == MOST - KEPT_FREE
        assert 0.9 * (MOST - KEPT_FREE) <= len(d.asked()) <= MOST


@claim
async def test_no_quote_is_asked_for_while_the_second_is_full() -> None:
    async with desk(lines=100, contracts=5) as d:
        await d.hours_are_known()
        asked = len(d.asked())
        for con_id in list(d.broker.snapshots):
            d.broker.end_snapshot(con_id, last=1)
        for _ in range(MOST):
            d.broker.messages.spent(d.now)
        await d.pass_time(0.9)
        assert len(d.asked()) == asked
        await d.pass_time(0.3)
        assert len(d.asked()) > asked


@claim
async def test_error_101_lowers_the_limit_and_the_quote_is_asked_again_later() -> None:
    """The one that was refused holds nothing; a careful try finds the line when it is there."""
    async with desk(lines=3, server=1) as d:
        await d.hours_are_known()
        assert (d.table.limit, list(d.broker.snapshots)) == (1, [1])
        d.broker.limit = 3
        await d.pass_time(PROBE_S)
        assert len(d.broker.snapshots) > 1


@claim
async def test_a_contract_without_data_rests_with_its_reason() -> None:
    """Others go on, and it is asked again after a while."""
    async with desk(lines=5, contracts=2) as d:
        d.broker.denied = {1: 354}
        await d.hours_are_known()
        assert "354" in d.rotator.troubles[1]
        assert d.rotator.planned_s(1) is None
        assert sorted(d.asked()) == [1, 2]
        d.broker.denied = {}
        await d.pass_time(RETRY_REFUSED_S + PLAN_S)
        assert sorted(d.asked()) == [1, 1, 2]


@claim
async def test_a_quote_without_a_price_is_none() -> None:
    """It is not published, and the contract rests."""
    async with desk(lines=1, contracts=1) as d:
        await d.hours_are_known()
        d.broker.end_snapshot(1)
        await d.pass_time(0.1)
        assert d.quotes == []
        assert d.rotator.troubles == {1: "no price arrived"}
        await d.pass_time(EMPTY_REST_S + PLAN_S)
        assert d.asked() == [1, 1]


@claim
async def test_a_quote_taken_back_for_an_active_contract_is_taken_again() -> None:
    """At once, when a line is idle again."""
    async with desk(lines=1, contracts=1) as d:
        await d.hours_are_known()
        d.table.take_back(1)
        d.broker.snapshots[1].set_result(Quote(con_id=1, observed_at=NOON, source="snapshot"))
        d.table.opened(contract(9), d.now)
        await d.pass_time(1.0)
        assert (d.asked(), d.rotator.troubles) == ([1], {})
        d.table.closed(9)
        await d.pass_time(1.0)
        assert d.asked() == [1, 1]


@claim
async def test_a_lost_connection_loses_no_contract() -> None:
    """Each is asked again on the next one."""
    async with desk(lines=5, contracts=2) as d:
        await d.hours_are_known()
        d.broker.forget()
        d.table.dropped()
        await d.pass_time(1.0)
        assert sorted(d.asked()) == [1, 1, 2, 2]


@claim
async def test_an_unknown_contract_is_looked_up_first() -> None:
    """One that TWS does not know rests."""
    async with desk(lines=5, contracts=0) as d:
        d.broker.unknown = {50}
        d.rotator.want({50: Wish(), 51: Wish()})
        await d.pass_time(3.0)
        assert d.asked() == [51]
        assert "200" in d.rotator.troubles[50]


@claim
async def test_it_runs_while_there_is_a_connection() -> None:
    """And ends its quotes when it is ended."""
    async with desk(lines=5, contracts=2) as d:
        ready = asyncio.Event()
        work = asyncio.create_task(d.rotator.run(ready))
        await asyncio.sleep(0)
        assert d.broker.wire == []
        ready.set()
        await until(lambda: d.broker.wire)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await until(lambda: not d.broker.snapshots)


@claim
async def test_ages_of_the_watchlist_and_of_the_others_are_told_apart() -> None:
    """Each with what is promised and what is kept; a long bound hides no broken promise."""
    async with desk(lines=2) as d:
        await d.hours_are_known()
        d.rotator.want({1: Wish(), 2: Wish(), 3: Wish(bound_s=40.0)})
        await d.pass_time(PLAN_S)
        for con_id in list(d.broker.snapshots):
            d.broker.end_snapshot(con_id, bid=5, ask=6)
        await d.pass_time(2.0)
        status = d.rotator.status()
        assert (status.watched.contracts, status.others.contracts) == (1, 2)
        assert status.watched.planned_s is not None
        assert status.others.planned_s is not None
        assert status.watched.planned_s > 40 > status.others.planned_s
        assert status.others.worst_s is not None
        assert status.others.worst_s >= 2.0
        never = status.watched.never_quoted + status.others.never_quoted
        assert never == 3 - len(d.quotes)
