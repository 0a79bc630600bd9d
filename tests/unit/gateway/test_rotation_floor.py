"""No contract is quoted more often than the floor allows; strategies leave quotes their lines."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

from slotwise.rules.lines import Claim
from slotwise.rules.trading_hours import TradingHours
from tests.support.values import contract, known
from tests.unit.gateway.rotating_desk import NOON, Desk, claim, desk
from workers.gateway.lines.rotation_status import SHORT_REST_S

FLOOR_S = 5


async def answered_for(d: Desk, seconds: float) -> list[tuple[float, int]]:
    """Let quotes be answered at once for a while; return when each contract was asked."""
    asked: list[tuple[float, int]] = []
    until = d.now + seconds
    while d.now < until:
        before = len(d.asked())
        await d.pass_time(0.05)
        asked += [(d.now, con_id) for con_id in d.asked()[before:]]
        for con_id in list(d.broker.snapshots):
            d.broker.end_snapshot(con_id, bid=5, ask=6)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return asked


@claim
async def test_a_single_contract_is_asked_once_in_the_time_of_the_floor() -> None:
    async with desk(lines=50, contracts=1, floor_s=FLOOR_S) as d:
        await d.hours_are_known()
        asked = await answered_for(d, 60.0)
        assert 11 <= len(asked) <= 13
        assert all(b - a >= FLOOR_S - 0.1 for (a, _), (b, _) in pairwise(asked))


@claim
async def test_without_a_floor_it_is_asked_again_and_again() -> None:
    async with desk(lines=50, contracts=1) as d:
        await d.hours_are_known()
        assert len(await answered_for(d, 10.0)) > 50


@claim
async def test_the_contract_whose_price_matters_most_is_asked_most_often() -> None:
    async with desk(lines=1, contracts=40, floor_s=1) as d:
        await answered_for(d, 20.0)
        d.costs = {con_id: 100.0 if con_id == 7 else 1.0 for con_id in range(1, 41)}
        asked = [con_id for _, con_id in await answered_for(d, 30.0)]
        counts = {con_id: asked.count(con_id) for con_id in range(1, 41)}
        assert counts[7] == max(counts.values())
        assert min(counts.values()) >= 1, "the cap holds for all"


@claim
async def test_strategies_leave_two_lines_while_there_is_something_to_quote() -> None:
    async with desk(lines=10, contracts=3, reserve=2) as d:
        wanted = {con_id: Claim(5) for con_id in range(100, 120)}
        assert len(d.table.plan(wanted, d.now).open) == 8, "what is held is not known yet"
        await d.hours_are_known()
        assert d.table.kept_for_quotes == 2
        assert len(d.table.plan(wanted, d.now).open) == 8
        d.rotator.want({})
        await d.pass_time(2.0)
        assert len(d.table.plan(wanted, d.now).open) == 10


@claim
async def test_of_few_lines_strategies_keep_half() -> None:
    async with desk(lines=2, contracts=3, reserve=2) as d:
        await d.hours_are_known()
        assert d.table.kept_for_quotes == 1


@claim
async def test_no_line_is_kept_while_all_markets_are_closed() -> None:
    async with desk(lines=10, contracts=1, reserve=2) as d:
        opens = NOON + timedelta(hours=3)
        hours = TradingHours(((opens, opens + timedelta(hours=1)),), NOON + timedelta(1))
        d.book.recall([known(contract(1), hours=hours)])
        await d.pass_time(3)
        d.broker.end_snapshot(1, close=5)
        await d.pass_time(5)
        assert d.table.kept_for_quotes == 0
        await d.pass_time(3 * 3600 - SHORT_REST_S)
        assert d.table.kept_for_quotes == 2, "the market is about to open"
