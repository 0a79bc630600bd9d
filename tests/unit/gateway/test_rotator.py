"""Quotes are taken on idle lines only, within the messages that are left, and of open markets."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from slotwise.quote import Quote
from slotwise.rules.quote_shares import QuoteTarget
from slotwise.rules.trading_hours import TradingHours
from tests.support.values import contract, known
from tests.unit.gateway.listeners import until
from tests.unit.gateway.rotating_desk import NOON, claim, desk
from workers.gateway.lines.limit import PROBE_S
from workers.gateway.lines.quote_pace import CATCH_UP
from workers.gateway.lines.rotator import EMPTY_REST_S, PLAN_S
from workers.gateway.lines.table import RETRY_REFUSED_S
from workers.gateway.message_budget import KEPT_FREE, MOST


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
    """Before the first quote, and only where those of the details are over."""
    async with desk(lines=5) as d:
        over = TradingHours(((NOON - timedelta(days=9), NOON - timedelta(days=8)),), NOON)
        d.book.recall([known(contract(1), hours=over), known(contract(7, symbol="S1"), hours=over)])
        d.rotator.want({1: QuoteTarget(), 2: QuoteTarget(), 7: QuoteTarget()})
        await d.hours_are_known()
        assert [word for word in d.broker.wire if "details" in word] == ["details 1"]
        assert d.broker.wire[0] == "details 1"
        assert sorted(d.asked()) == [1, 2, 7]


@claim
async def test_a_closed_market_is_asked_once_and_again_when_it_opens() -> None:
    """Last and close come while it is closed; nothing more does."""
    async with desk(lines=5, contracts=1) as d:
        opens = NOON + timedelta(seconds=120)
        hours = TradingHours(((opens, opens + timedelta(hours=1)),), NOON + timedelta(1))
        d.book.recall([known(contract(1), hours=hours)])
        await d.pass_time(60)
        assert d.asked() == [1]
        d.broker.end_snapshot(1, close=5)
        await d.pass_time(59)
        status = d.rotator.status()
        assert (status.resting, status.closed, status.unpriced) == (1, 1, 0)
        assert d.asked() == [1]
        await d.pass_time(3)
        assert d.asked() == [1, 1]


@claim
async def test_messages_are_left_free_for_what_matters() -> None:
    """As many quotes in a second as there is room for, and two messages less."""
    async with desk(lines=200, contracts=90) as d:
        for _ in range(20):
            await d.pass_time(0.2)
            for con_id in list(d.broker.snapshots):
                d.broker.end_snapshot(con_id, bid=1, ask=2)
            await asyncio.sleep(0)
        d.rotator.want({con_id: QuoteTarget(2.0) for con_id in range(1, 91)})
        d.broker.wire.clear()
        await d.pass_time(1.0)
        # The fake broker counts no message by itself.
        assert d.rotator.status().rate_planned == MOST - KEPT_FREE
        # Those that a late timer catches up with, and both ends of the second.
        asked = len(d.asked())
        assert 0.9 * (MOST - KEPT_FREE) <= asked <= MOST - KEPT_FREE + CATCH_UP + 1


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
async def test_quotes_are_asked_for_one_after_another() -> None:
    """However many are due: a limit that has fallen costs one refusal."""
    async with desk(lines=5, contracts=5) as d:
        await d.all_are_quoted()
        before = len(d.asked())
        d.now += 10 * PLAN_S
        d.rotator.step()
        await asyncio.sleep(0)
        assert len(d.asked()) == before + 1
        d.table.answered(d.asked()[-1])
        d.rotator.step()
        await asyncio.sleep(0)
        assert len(d.asked()) == before + 2


@claim
async def test_a_quote_taken_back_before_it_was_asked_for_is_never_asked_for() -> None:
    """TWS would hold its line, and it would not be counted."""
    async with desk(lines=5, contracts=1) as d:
        await d.all_are_quoted()
        before = len(d.asked())
        d.now += 10 * PLAN_S
        d.rotator.step()
        assert list(d.table.quoting) == [1]
        d.table.dropped()
        await asyncio.sleep(0)
        assert len(d.asked()) == before
        await d.pass_time(PLAN_S)
        assert len(d.asked()) == before + 1


@claim
async def test_a_contract_whose_line_is_about_to_go_is_not_quoted_beside_it() -> None:
    """Its line is held while nothing can be sent, though it is not wanted any more."""
    async with desk(lines=5, contracts=1) as d:
        d.table.opened(contract(1), d.now)
        await d.hours_are_known()
        await d.pass_time(3 * PLAN_S)
        assert d.asked() == []
        d.table.closed(1)
        await d.pass_time(3 * PLAN_S)
        assert d.asked() == [1]


@claim
async def test_a_lost_connection_loses_no_contract() -> None:
    """Each is asked again on the next one."""
    async with desk(lines=5, contracts=2) as d:
        await d.hours_are_known()
        d.broker.forget()
        d.table.dropped()
        await d.pass_time(2 * PLAN_S)
        assert sorted(d.asked()) == [1, 1, 2, 2]


@claim
async def test_an_unknown_contract_is_looked_up_first() -> None:
    """One that TWS does not know rests."""
    async with desk(lines=5, contracts=0) as d:
        d.broker.unknown = {50}
        d.rotator.want({50: QuoteTarget(), 51: QuoteTarget()})
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
async def test_ages_of_the_watchlist_and_of_the_others_are_counted_apart() -> None:
    """Each with what is promised and what is kept; a long bound hides no broken promise."""
    async with desk(lines=2) as d:
        await d.hours_are_known()
        d.rotator.want({1: QuoteTarget(), 2: QuoteTarget(), 3: QuoteTarget(bound_s=40.0)})
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
