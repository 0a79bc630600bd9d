"""Orders of the real ib_async over a socket: its own bookkeeping of trades, fills and positions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from ib_async import IB, ComboLeg, Contract, LimitOrder, MarketOrder, StopOrder, Trade

from tests.integration.simulator.ib_client import connected, eventually, run, simulator, spy
from tws_simulator.market.fixed import FixedQuote
from tws_simulator.server import SimulatorServer

#: Prices and sizes change with the clock; a test that counts fills gives both.
BID, ASK = 500.0, 500.02


def quote(server: SimulatorServer, contract: Contract, size: int) -> None:
    """Give a contract a quote that stands still, with `size` on each side."""
    size_ = Decimal(size)
    given = FixedQuote(bid=BID, ask=ASK, last=ASK, bid_size=size_, ask_size=size_)
    server.world.market.fix(contract.conId, given)


def quantity(ib: IB, con_id: int) -> float:
    """Return what ib_async lists as held."""
    return sum(p.position for p in ib.positions() if p.contract.conId == con_id)


async def filled(trade: Trade) -> None:
    """Wait until an order is filled and each fill's commission is known."""
    await eventually(lambda: trade.orderStatus.status == "Filled")
    await eventually(lambda: all(f.commissionReport.execId for f in trade.fills))


def test_a_market_order_is_filled_and_the_position_follows() -> None:
    """The trade's log, its fills, their commission, the position and the portfolio agree."""

    async def test() -> None:
        async with simulator(positions=0) as server, connected(server) as (ib, errors):
            contract = await spy(ib)
            quote(server, contract, size=10)
            trade = ib.placeOrder(contract, MarketOrder("BUY", 10))
            await filled(trade)
            log = [entry.status for entry in trade.log if entry.status]
            assert log[0] == "PendingSubmit"
            assert log[-1] == "Filled"
            assert "Submitted" in log
            [fill] = trade.fills
            assert (fill.execution.shares, fill.execution.side) == (10, "BOT")
            assert fill.commissionReport.commission == 1.0
            assert fill.execution.permId == trade.orderStatus.permId > 0
            await eventually(lambda: quantity(ib, contract.conId) == 10)
            [row] = [p for p in ib.portfolio() if p.contract.conId == contract.conId]
            cost = fill.execution.price + 0.1
            assert row.position == 10
            assert row.averageCost == pytest.approx(cost)
            sold = ib.placeOrder(contract, MarketOrder("SELL", 10))
            await filled(sold)
            profit = 10 * (sold.fills[0].execution.price - cost) - 1
            assert sold.fills[0].commissionReport.realizedPNL == pytest.approx(profit)
            await eventually(lambda: quantity(ib, contract.conId) == 0)
            assert errors.codes() == []
            assert ib.openTrades() == []

    run(test())


def test_an_order_larger_than_what_is_shown_is_filled_in_parts() -> None:
    """Each look takes what is shown; the parts are one order, one position, one commission."""

    async def test() -> None:
        async with simulator(positions=0) as server, connected(server) as (ib, errors):
            contract = await spy(ib)
            quote(server, contract, size=4)
            trade = ib.placeOrder(contract, MarketOrder("BUY", 10))
            await filled(trade)
            assert [fill.execution.shares for fill in trade.fills] == [4, 4, 2]
            assert [fill.execution.cumQty for fill in trade.fills] == [4, 8, 10]
            assert sum(fill.commissionReport.commission for fill in trade.fills) == 1.0
            await eventually(lambda: quantity(ib, contract.conId) == 10)
            assert errors.codes() == []

    run(test())


def test_orders_rest_change_and_are_cancelled() -> None:
    """A limit far away rests; placed again it is another limit; cancelled it says Cancelled."""

    async def test() -> None:
        async with simulator(positions=0) as server, connected(server) as (ib, errors):
            contract = await spy(ib)
            order = LimitOrder("BUY", 5, 1.0, tif="GTC")
            trade = ib.placeOrder(contract, order)
            await eventually(lambda: trade.orderStatus.status == "Submitted")
            order.lmtPrice, order.totalQuantity = 2.0, 7
            ib.placeOrder(contract, order)
            # What is pushed meanwhile is a part of ib_async's answer: an order can come twice.
            listed = await ib.reqOpenOrdersAsync()
            [known] = {t.order.orderId: t for t in listed}.values()
            assert (known.order.lmtPrice, known.order.totalQuantity) == (2.0, 7)
            assert known.order.tif == "GTC"
            ib.cancelOrder(order)
            await eventually(lambda: trade.orderStatus.status == "Cancelled")
            await eventually(lambda: errors.codes() == [202])
            assert await ib.reqOpenOrdersAsync() == []
            [done] = await ib.reqCompletedOrdersAsync(False)
            assert done.orderStatus.status == "Cancelled"
            ib.reqGlobalCancel()
            late = ib.placeOrder(contract, LimitOrder("BUY", 1, 1.0))
            await eventually(lambda: late.orderStatus.status == "Submitted")

    run(test())


def test_a_bracket_lives_by_its_rules() -> None:
    """ib_async's own bracket: entry, then exits of which one cancels the other."""

    async def test() -> None:
        async with simulator(positions=0) as server, connected(server) as (ib, _):
            contract = await spy(ib)
            ticker = ib.reqMktData(contract)
            await eventually(lambda: ticker.ask > 0)
            bracket = ib.bracketOrder(
                "BUY", 10, limitPrice=round(ticker.ask + 5, 2),
                takeProfitPrice=round(ticker.ask - 5, 2), stopLossPrice=1.0,
            )  # fmt: skip
            entry, profit, loss = (ib.placeOrder(contract, order) for order in bracket)
            await filled(entry)
            await filled(profit)
            await eventually(lambda: loss.orderStatus.status == "Cancelled")
            await eventually(lambda: quantity(ib, contract.conId) == 0)

    run(test())


def test_a_combination_moves_the_positions_of_its_legs() -> None:
    """Two options at once: three executions, two commissions, two positions."""

    async def test() -> None:
        async with simulator(positions=60) as server, connected(server) as (ib, errors):
            held = {p.contract.conId: p for p in ib.positions()}
            options = [p.contract for p in held.values() if p.contract.secType == "OPT"]
            first = options[0]
            second = next(c for c in options[1:] if c.symbol == first.symbol)
            legs = [
                ComboLeg(conId=first.conId, ratio=1, action="BUY", exchange="SMART"),
                ComboLeg(conId=second.conId, ratio=1, action="SELL", exchange="SMART"),
            ]
            bag = Contract(
                secType="BAG", symbol=first.symbol, currency="USD", exchange="SMART",
                comboLegs=legs,
            )  # fmt: skip
            trade = ib.placeOrder(bag, MarketOrder("BUY", 2))
            await eventually(lambda: trade.orderStatus.status == "Filled")
            await eventually(lambda: len(trade.fills) >= 3)
            assert {f.contract.secType for f in trade.fills} == {"BAG", "OPT"}
            wanted = [
                held[first.conId].position + 2,
                held[second.conId].position - 2,
            ]
            await eventually(
                lambda: [quantity(ib, first.conId), quantity(ib, second.conId)] == wanted
            )
            assert errors.codes() == []

    run(test())


def test_a_what_if_order_returns_margins() -> None:
    """The answer ends ib_async's request; nothing is placed."""

    async def test() -> None:
        async with simulator(positions=0) as server, connected(server) as (ib, _):
            contract = await spy(ib)
            state = await ib.whatIfOrderAsync(contract, MarketOrder("BUY", 100))
            assert float(state.initMarginAfter) > float(state.initMarginBefore) == 0
            assert state.commission == 1.0
            assert await ib.reqAllOpenOrdersAsync() == []

    run(test())


def test_a_refused_order_is_inactive_in_ib_async_and_a_stop_waits() -> None:
    """An off-tick limit gets 110; a stop far away stays PreSubmitted."""

    async def test() -> None:
        async with simulator(positions=0) as server, connected(server) as (ib, errors):
            contract = await spy(ib)
            trade = ib.placeOrder(contract, LimitOrder("BUY", 1, 10.001))
            await eventually(lambda: errors.codes() == [110])
            assert trade.isDone() or trade.orderStatus.status in ("PendingSubmit", "Inactive")
            stop = ib.placeOrder(contract, StopOrder("SELL", 1, 1.0))
            await eventually(lambda: stop.orderStatus.status == "PreSubmitted")

    run(test())


def test_who_comes_back_finds_its_orders_and_fills() -> None:
    """Orders outlive the connection; a fill in between is in the list of executions."""

    async def test() -> None:
        async with simulator(positions=0) as server:
            async with connected(server) as (ib, _):
                contract = await spy(ib)
                rests = ib.placeOrder(contract, LimitOrder("BUY", 1, 1.0, tif="GTC"))
                await eventually(lambda: rests.orderStatus.status == "Submitted")
                order_id = rests.order.orderId
            async with connected(server) as (ib, _):
                [again] = ib.openTrades()
                assert again.order.orderId == order_id
                assert ib.client.getReqId() > order_id
                quote(server, contract, size=3)
                other = ib.placeOrder(contract, MarketOrder("BUY", 3))
                await filled(other)
                ib.cancelOrder(again.order)
                await eventually(lambda: again.orderStatus.status == "Cancelled")
            async with connected(server, client_id=7) as (ib, _):
                fills = await ib.reqExecutionsAsync()
                assert [f.execution.shares for f in fills] == [3]

    run(test())
