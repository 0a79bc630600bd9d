"""Delayed data, ticks by number, halts and outages as ib_async sees them over a real socket."""

from __future__ import annotations

import math

from tests.integration.simulator.ib_client import (
    connected,
    eventually,
    routed,
    run,
    simulator,
    spy,
)
from tws_simulator.services.common.selector import Selector
from tws_simulator.services.market_data.entitlements import Denial
from tws_simulator.wire.ids import ErrorCode


def test_delayed_data_fills_the_same_ticker_and_says_what_it_is() -> None:
    """10167 is a warning: the stream goes on, an option's greeks included."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, errors):
            option = routed(next(p.contract for p in ib.positions() if p.contract.secType == "OPT"))
            code = ErrorCode.SUBSCRIPTION_FOR_API
            server.world.market_data.entitlements.rule(
                Selector(frozenset((option.conId,))), Denial(code, delayed=True)
            )
            ib.reqMarketDataType(3)
            ticker = ib.reqMktData(option)
            await eventually(lambda: ticker.modelGreeks is not None)
            assert errors.codes() == [10167]
            assert ticker.marketDataType == 3
            assert 0 < ticker.bid < ticker.ask
            assert ticker.delayedLastTimestamp is not None
            ib.cancelMktData(option)
            (snapshot,) = await ib.reqTickersAsync(option)
            assert snapshot.marketDataType == 3
            assert server.world.lines.held == 0

    run(test())


def test_ticks_by_number_fill_their_fields() -> None:
    """Volumes, ranges, volatilities, shortable shares, trades, dividends."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, errors):
            numbers = "100,101,104,105,106,165,225,232,233,236,293,294,295,318,375,411,456"
            ticker = ib.reqMktData(await spy(ib), numbers)
            await eventually(lambda: ticker.dividends is not None)
            names = (
                "callVolume", "putVolume", "callOpenInterest", "putOpenInterest",
                "histVolatility", "avOptionVolume", "impliedVolatility", "low13week",
                "high52week", "avVolume", "auctionPrice", "markPrice", "rtVolume", "vwap",
                "shortable", "shortableShares", "tradeCount", "tradeRate", "volumeRate",
                "lastRthTrade", "rtTradeVolume", "rtHistVolatility",
            )  # fmt: skip
            missing = [name for name in names if not getattr(ticker, name) > 0]
            assert missing == []
            assert errors.codes() == []
            ib.reqMktData(await spy(ib), "999")
            await eventually(lambda: errors.codes() == [321])

    run(test())


def test_a_halt_is_seen_and_ends() -> None:
    """`halted` is 1, and prices go; then they are back."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, _):
            contract = await spy(ib)
            ticker = ib.reqMktData(contract)
            await eventually(lambda: ticker.bid > 0)
            server.world.market_data.halts.halt(contract.conId, server.now())
            await eventually(lambda: ticker.halted == 1)
            await eventually(lambda: math.isnan(ticker.bid) or ticker.bid == -1)
            server.world.market_data.halts.resume(contract.conId)
            await eventually(lambda: ticker.halted != 1)
            await eventually(lambda: ticker.bid > 0)

    run(test())


def test_a_line_left_dead_by_a_farm_ticks_again_under_a_new_request() -> None:
    """How it is found in real life, and what helps."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, errors):
            contract = await spy(ib)
            ticker = ib.reqMktData(contract)
            await eventually(lambda: ticker.bid > 0)
            seen: list[float] = []
            ticker.updateEvent += lambda updated: seen.append(updated.bid)
            world = server.world
            world.note(ErrorCode.MARKET_FARM_BROKEN, "usfarm", server.now())
            world.note(ErrorCode.MARKET_FARM_OK, "usfarm", server.now(), dead=1)
            # Bars and their ends are written behind any tick that was still to come.
            await ib.reqHistoricalDataAsync(contract, "", "60 S", "5 secs", "TRADES", useRTH=False)
            seen.clear()
            other = ib.reqMktData(routed(
                next(p.contract for p in ib.positions() if p.contract.secType == "FUT")
            ))  # fmt: skip
            changes: list[float] = []
            other.updateEvent += lambda updated: changes.append(updated.bid)
            await eventually(lambda: len(changes) > 8)
            assert seen == []
            assert world.lines.held == 2
            ib.cancelMktData(contract)
            again = ib.reqMktData(contract)
            again.updateEvent += lambda updated: seen.append(updated.bid)
            await eventually(lambda: len(seen) > 2)
            assert errors.codes() == []

    run(test())
