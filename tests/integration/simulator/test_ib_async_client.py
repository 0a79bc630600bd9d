"""ib_async, unpatched and over a real socket, takes the simulator for TWS."""

from __future__ import annotations

import asyncio
import logging
import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from ib_async import IB, Contract, Index, Option, PnL, PnLSingle, StartupFetchNONE, Stock

from tests.integration.simulator.ib_client import (
    connected,
    eventually,
    routed,
    run,
    simulator,
    spy,
)

ACCOUNT = "DU1234567"


def test_connect_async_completes_its_whole_start_up() -> None:
    """Positions, orders, account values, portfolio and executions; no request times out."""

    async def test() -> None:
        async with simulator(positions=40) as server, connected(server) as (ib, errors):
            assert ib.client.serverVersion() == 178
            assert ib.managedAccounts() == [ACCOUNT]
            assert len(ib.positions()) == len(ib.portfolio()) == 40
            values = {value.tag for value in ib.accountValues()}
            assert {"NetLiquidation", "BuyingPower", "UnrealizedPnL"} <= values
            assert errors.codes() == []
            assert [code for _, code, _ in errors.seen] == [2104, 2104, 2106, 2158]

    run(test())


@pytest.mark.parametrize("client_id", [0, 5])
def test_the_decoder_logs_no_error_whatever_is_asked(
    caplog: pytest.LogCaptureFixture, client_id: int
) -> None:
    """Every message has exactly the fields that ib_async unpacks."""

    async def test() -> None:
        async with simulator() as server, connected(server, client_id) as (ib, _):
            logging.getLogger("ib_async").setLevel(logging.ERROR)
            held = [position.contract for position in ib.positions()]
            for contract in held[:6]:
                await ib.reqContractDetailsAsync(Contract(conId=contract.conId))
            tickers = [ib.reqMktData(routed(contract)) for contract in held[:6]]
            await ib.reqAccountSummaryAsync()
            await ib.reqSecDefOptParamsAsync("SPX", "", "IND", 416904)
            await ib.reqMatchingSymbolsAsync("SP")
            await ib.reqUserInfoAsync()
            await ib.reqHistoricalDataAsync(await spy(ib), "", "600 S", "1 min", "BID", False)
            await eventually(lambda: all(not math.isnan(ticker.last) for ticker in tickers))

    with caplog.at_level(logging.ERROR):
        run(test())
    assert [record.getMessage() for record in caplog.records] == []


def test_positions_are_those_of_the_world() -> None:
    """Account, contract, quantity, cost; options and futures without an exchange."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, _):
            theirs = {p.contract.conId: p for p in await ib.reqPositionsAsync()}
            ours = list(server.world.accounts.positions())
            assert len(theirs) == len(ours)
            for position in ours:
                same, contract = theirs[position.contract.con_id], position.contract
                assert Decimal(str(same.position)) == position.quantity
                assert same.avgCost == position.avg_cost
                assert same.account == ACCOUNT
                described = same.contract
                assert described.strike == contract.strike
                assert described.localSymbol == contract.local_symbol
                assert described.lastTradeDateOrContractMonth == contract.expiry
                assert described.exchange == contract.position_exchange

    run(test())


def test_a_changed_position_is_pushed() -> None:
    """While the client does nothing."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, _):
            pushed: list[float] = []
            ib.positionEvent += lambda position: pushed.append(position.position)
            contract = next(server.world.accounts.positions()).contract
            for quantity in (7, 0):
                server.world.accounts.set_position(
                    ACCOUNT, contract, Decimal(quantity), server.now()
                )
            await eventually(lambda: pushed == [7.0, 0.0])
            assert len(ib.positions()) == 39

    run(test())


def test_contracts_are_qualified_by_id_by_name_and_not_at_all() -> None:
    """Unknown gives nothing and 200; ambiguous gives several."""

    async def test() -> None:
        async with simulator(positions=200) as server, connected(server) as (ib, errors):
            option = next(p.contract for p in ib.positions() if p.contract.secType == "OPT")
            by_id = Contract(conId=option.conId)
            vix, unknown = Index("VIX", "CBOE", "USD"), Stock("NOPE", "SMART", "USD")
            found = await ib.qualifyContractsAsync(by_id, vix, unknown)
            assert found == [by_id, vix, None]
            assert (by_id.strike, by_id.right) == (option.strike, option.right)
            assert errors.codes() == [200]
            several = await ib.reqContractDetailsAsync(Option("SPX", exchange="SMART"))
            assert len(several) > 10
            details = several[0]
            assert details.underConId == 416904
            assert details.timeZoneId == "UTC"
            assert details.lastTradeTime == "", "an option's last trade is a date alone"
            sessions = details.tradingSessions()
            assert sessions[0].start <= datetime.now(UTC) <= sessions[1].end

    run(test())


def test_a_client_id_in_use_is_refused_and_free_again_after_a_disconnect() -> None:
    """326, then a closed socket; the first client goes on."""

    async def test() -> None:
        async with simulator() as server, connected(server, 3) as (first, _):
            second = IB()
            reported: list[int] = []
            second.errorEvent += lambda req_id, code, text, contract: reported.append(code)
            with pytest.raises((ConnectionError, TimeoutError)):
                await second.connectAsync(server.config.host, server.port, 3, timeout=1)
            assert reported == [326]
            assert abs((await first.reqCurrentTimeAsync()).timestamp() - server.now()) < 2
            first.disconnect()
            await eventually(lambda: not server.world.clients)
            async with connected(server, 3):
                pass

    run(test())


def test_profit_and_loss_arrives() -> None:
    """Of the account and of a position."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, _):
            pnl: PnL = ib.reqPnL(ACCOUNT)
            con_id = ib.positions()[0].contract.conId
            single: PnLSingle = ib.reqPnLSingle(ACCOUNT, "", con_id)
            await eventually(lambda: not math.isnan(pnl.unrealizedPnL))
            await eventually(lambda: not math.isnan(single.value))
            assert single.position == ib.positions()[0].position

    run(test())


def test_twenty_thousand_positions_are_answered_to_the_last() -> None:
    """In one answer."""

    async def test() -> None:
        async with (
            simulator(positions=20_000) as server,
            connected(server, fetchFields=StartupFetchNONE) as (ib, _),
        ):
            assert len(ib.positions()) == 20_000

    run(test())


def test_a_withheld_end_leaves_the_request_waiting_and_the_next_one_whole() -> None:
    """As TWS does now and then; ib_async issue 84."""

    async def test() -> None:
        async with simulator() as server, connected(server) as (ib, _):
            server.world.positions.ends_to_withhold = 1
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ib.reqPositionsAsync(), 0.3)
            assert len(await ib.reqPositionsAsync()) == 40

    run(test())


def test_a_client_that_stops_reading_does_not_stop_the_others() -> None:
    """Its answers wait; theirs do not."""

    async def test() -> None:
        async with simulator(positions=5_000, messages_per_s=0) as server:
            _, writer = await asyncio.open_connection(server.config.host, server.port)
            versions = b"v157..178"
            writer.write(b"API\0" + len(versions).to_bytes(4, "big") + versions)
            start, positions = b"71\0002\0008\0\0", b"61\0001\0"
            for message in (start, *[positions] * 20):
                writer.write(len(message).to_bytes(4, "big") + message)
            await writer.drain()
            await eventually(lambda: 8 in server.world.clients)
            async with connected(server, 1, fetchFields=StartupFetchNONE) as (ib, _):
                async with asyncio.timeout(1):
                    await ib.reqCurrentTimeAsync()
            writer.transport.abort()
            await eventually(lambda: not server.world.clients)

    run(test())
