"""Market data as ib_async sees it over a real socket: lines, snapshots, errors, bars."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from ib_async import Contract, Index

from tests.integration.simulator.ib_client import (
    connected,
    eventually,
    routed,
    run,
    simulator,
    spy,
)

ACCOUNT = "DU1234567"


def test_a_line_streams_until_it_is_cancelled() -> None:
    """Prices move; after the cancel nothing comes and the line is free."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, errors):
            contract = await spy(ib)
            ticker = ib.reqMktData(contract)
            seen: set[float] = set()
            ticker.updateEvent += lambda updated: seen.add(updated.bid)
            await eventually(lambda: len(seen) > 3)
            assert ticker.bid < ticker.ask
            assert ticker.marketDataType == 1
            assert server.world.lines.held == 1
            assert ib.cancelMktData(contract)
            await eventually(lambda: server.world.lines.held == 0)
            assert errors.codes() == []

    run(test())


def test_an_option_streams_its_greeks() -> None:
    """At bid, ask and last, and the model's."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, _):
            option = next(p.contract for p in ib.positions() if p.contract.secType == "OPT")
            ticker = ib.reqMktData(routed(option))
            await eventually(lambda: ticker.modelGreeks is not None)
            assert ticker.bidGreeks is not None
            assert ticker.askGreeks is not None
            assert ticker.lastGreeks is not None
            greeks = ticker.modelGreeks
            assert greeks is not None
            assert greeks.undPrice is not None
            assert greeks.undPrice > 0
            assert (greeks.delta or 0) * (1 if option.right == "C" else -1) > 0

    run(test())


@pytest.mark.parametrize("kind", ["STK", "OPT", "FUT", "IND"])
def test_a_snapshot_completes_within_a_second(kind: str) -> None:
    """reqTickers waits for 57; afterwards no line is held."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, errors):
            if kind == "IND":
                contract: Contract = Index("VIX", "CBOE", "USD")
                await ib.qualifyContractsAsync(contract)
            else:
                contract = routed(
                    next(p.contract for p in ib.positions() if p.contract.secType == kind)
                )
            async with asyncio.timeout(1):
                (ticker,) = await ib.reqTickersAsync(contract)
            assert ticker.last > 0
            assert ticker.close > 0
            assert (ticker.bid > 0) is (kind != "IND")
            assert server.world.lines.held == 0
            assert [event.event for event in server.ledger_events] == ["snapshot", "end"]
            assert errors.codes() == []

    run(test())


def test_the_limit_is_shared_by_clients_and_a_disconnect_frees_lines() -> None:
    """101 for the line too many; room as soon as the other client is gone."""

    async def test() -> None:
        async with simulator(lines=2) as server:
            async with connected(server, 1) as (first, first_errors):
                held = [routed(p.contract) for p in first.positions()[:3]]
                for contract in held:
                    first.reqMktData(contract)
                await eventually(lambda: first_errors.codes() == [101])
                async with connected(server, 2) as (second, second_errors):
                    contract = await spy(second)
                    second.reqMktData(contract)
                    await eventually(lambda: second_errors.codes() == [101])
                    first.disconnect()
                    await eventually(lambda: server.world.lines.held == 0)
                    second.reqMktData(contract)
                    await eventually(lambda: server.world.lines.held == 1)
            kinds = [event.event for event in server.ledger_events]
            assert kinds == ["open", "open", "reject", "reject", "end", "end", "open", "end"]

    run(test())


def test_requests_that_tws_refuses_are_refused() -> None:
    """200 unknown, 300 a late cancel, 321 no exchange and generic ticks of a snapshot."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, errors):
            option = next(p.contract for p in ib.positions() if p.contract.secType == "OPT")
            ib.reqMktData(option)
            await eventually(lambda: errors.codes() == [321])
            ib.reqMktData(Contract(conId=42, exchange="SMART"))
            await eventually(lambda: errors.codes() == [321, 200])
            ib.reqMktData(await spy(ib), "233", snapshot=True)
            await eventually(lambda: errors.codes() == [321, 200, 321])
            ib.client.cancelMktData(9001)
            await eventually(lambda: errors.codes() == [321, 200, 321, 300])
            assert errors.seen[-1] == (9001, 300, "Can't find EId with tickerId:9001")

    run(test())


def test_bars_are_answered_while_no_line_is_free() -> None:
    """How a quote is had without a line."""

    async def test() -> None:
        async with simulator(lines=0) as server, connected(server) as (ib, errors):
            bars = await ib.reqHistoricalDataAsync(
                await spy(ib), "", "300 S", "1 min", "TRADES", useRTH=False, formatDate=2
            )
            assert len(bars) == 5
            assert bars[-1].low <= bars[-1].close <= bars[-1].high
            newest = bars[-1].date
            assert isinstance(newest, datetime)
            assert 0 <= server.now() - newest.timestamp() < 60
            assert errors.codes() == []

    run(test())
