"""Orders in the simulated market, read by IB's own client."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.official_client import an_order as order
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give
from tests.unit.simulator.trader import Trader, held, stock


def test_a_market_order_fills_at_the_other_side_and_changes_the_position() -> None:
    """Told: its states, one execution with its commission, and the position to who listens."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    trader.client.requests.reqPositions()
    trader.place(1, asked, order("BUY", 10))
    ask = tws.world.market.quote(spy, tws.now - 0.03).ask
    assert ask is not None
    assert trader.statuses(1) == ["PreSubmitted", "Submitted", "Filled"]
    [(_, contract, execution)] = trader.heard.of("execDetails")
    assert (contract.conId, execution.side, execution.shares) == (spy.con_id, "BOT", 10)
    assert execution.price == ask
    [(report, *_)] = trader.heard.of("commissionAndFeesReport")
    assert (report.execId, report.commissionAndFees) == (execution.execId, 1.0)
    [(account, pushed, quantity, cost)] = trader.heard.of("position")
    assert (pushed.conId, quantity) == (spy.con_id, 10)
    assert cost == pytest.approx(ask + 0.1)
    assert tws.world.accounts.cash(account) == Decimal(1_000_000) - 10 * Decimal(str(ask)) - 1
    assert held(tws, spy) == 10
    names = [name for name, _ in trader.heard.heard]
    assert (
        names.index("execDetails")
        < names.index("commissionAndFeesReport")
        < names.index("position")
    )


def test_a_limit_order_rests_until_the_market_comes_to_it() -> None:
    """It fills at its limit or better, in the very look in which the market is there."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    bid = tws.world.market.quote(spy, tws.now).bid
    assert bid is not None
    limit = round(bid - 0.05, 2)
    trader.place(1, asked, order("BUY", 10, "LMT", lmtPrice=limit))
    assert trader.statuses(1) == ["PreSubmitted", "Submitted"]
    for _ in range(4 * 3600):
        seen = tws.world.market.quote(spy, tws.now).ask
        if trader.filled(1):
            break
        trader.wait(0.25)
        assert trader.filled(1) or seen is None or seen > limit
    [(_, _, execution)] = trader.heard.of("execDetails")
    assert execution.price <= limit
    assert held(tws, spy) == 10


def test_a_stop_waits_for_a_trade_at_its_price() -> None:
    """It is PreSubmitted until then, and a market order afterwards."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    last = tws.world.market.quote(spy, tws.now).last
    stop = round(last + 0.2, 2)
    trader.place(1, asked, order("BUY", 10, "STP", auxPrice=stop))
    assert trader.statuses(1) == ["PreSubmitted"]
    for _ in range(6 * 3600 * 4):
        trader.wait(0.25)
        if trader.filled(1):
            break
        assert tws.world.market.quote(spy, tws.now).last < stop
    assert trader.statuses(1) == ["PreSubmitted", "Submitted", "Filled"]


def test_a_large_order_fills_in_parts_and_pays_one_least_commission() -> None:
    """No part is larger than what was shown; the parts cost together what the whole costs."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    _, asked = stock(tws)
    trader.place(1, asked, order("SELL", 9_000))
    trader.wait(60)
    executions = [args[2] for args in trader.heard.of("execDetails")]
    assert len(executions) > 1
    assert sum(e.shares for e in executions) == 9_000
    assert max(e.shares for e in executions) <= 2_000
    assert executions[-1].cumQty == 9_000
    costs = [args[0].commissionAndFees for args in trader.heard.of("commissionAndFeesReport")]
    assert sum(costs) == pytest.approx(45.0)
    assert len({e.execId for e in executions}) == len(executions)


def test_a_closing_trade_reports_its_profit() -> None:
    """In the commission report, the account's values and the profit of account and contract."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    _, asked = stock(tws)
    trader.place(1, asked, order("BUY", 100))
    trader.place(2, asked, order("SELL", 100))
    first, second = (args[0] for args in trader.heard.of("commissionAndFeesReport"))
    bought, sold = (args[2].price for args in trader.heard.of("execDetails"))
    profit = 100 * (sold - bought) - 2
    assert first.realizedPNL > 1e300
    assert second.realizedPNL == pytest.approx(profit)
    trader.client.requests.reqAccountUpdates(True, "")
    trader.client.requests.reqPnL(7, tws.world.accounts.names[0], "")
    heard = trader.client.listen(0.1)
    reported = {args[0]: args[1] for args in heard.of("updateAccountValue")}
    assert float(reported["RealizedPnL"]) == pytest.approx(profit, abs=0.01)
    assert heard.of("pnl")[-1][3] == pytest.approx(profit, abs=0.01)


def test_a_cancelled_order_says_so_and_is_listed_no_more() -> None:
    """Its states, then 202; a second cancel gets 10148, an unknown order 10147."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    _, asked = stock(tws)
    trader.place(4, asked, order("BUY", 1, "LMT", lmtPrice=1.0))
    trader.client.requests.reqOpenOrders()
    assert [args[0] for args in trader.client.listen().of("openOrder")][-1] == 4
    trader.cancel(4)
    assert trader.statuses(4)[-2:] == ["PendingCancel", "Cancelled"]
    trader.cancel(4)
    trader.cancel(99)
    assert trader.errors() == [(4, 202), (4, 10148), (99, 10147)]
    trader.heard.heard.clear()
    trader.client.requests.reqOpenOrders()
    heard = trader.client.listen()
    assert not heard.of("openOrder")
    assert heard.of("openOrderEnd") == [()]
    trader.client.requests.reqCompletedOrders(True)
    heard = trader.client.listen()
    [(_, done, state)] = heard.of("completedOrder")
    assert (done.totalQuantity, state.status) == (1, "Cancelled")
    assert tws.world.scheduler.next_due is None or not tws.world.order_register.live()


def test_an_order_is_changed_by_placing_it_again() -> None:
    """Limit and quantity may change; contract, side and a filled order may not."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    _, other = stock(tws, "QQQ")
    trader.place(1, asked, order("BUY", 5, "LMT", lmtPrice=1.0))
    trader.place(1, asked, order("SELL", 5, "LMT", lmtPrice=1.0))
    trader.place(1, other, order("BUY", 5, "LMT", lmtPrice=1.0))
    assert trader.errors() == [(1, 105), (1, 105)]
    ask = tws.world.market.quote(spy, tws.now).ask
    assert ask is not None
    trader.place(1, asked, order("BUY", 7, "LMT", lmtPrice=round(ask + 1, 2)))
    assert trader.statuses(1)[-1] == "Filled"
    assert held(tws, spy) == 7
    trader.place(1, asked, order("BUY", 9, "LMT", lmtPrice=1.0))
    assert trader.errors()[-1] == (1, 104)


def test_a_what_if_order_is_answered_and_not_placed() -> None:
    """Margins before and after and the commission; nothing rests and nothing fills."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    trader.place(1, asked, order("BUY", 1000, whatIf=True))
    [(_, _, _, state)] = trader.heard.of("openOrder")
    price = tws.world.market.mark(spy, tws.now)
    assert float(state.initMarginAfter) == pytest.approx(1000 * price / 5, rel=0.01)
    assert float(state.initMarginBefore) == 0
    assert state.commissionAndFees == pytest.approx(5.0)
    assert not trader.heard.of("orderStatus")
    assert not held(tws, spy)


def test_nothing_fills_without_the_link_and_all_is_sent_after_it() -> None:
    """1100: orders are taken and wait; 1102: they fill."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    give(tws, do="notice", code=1100)
    trader.place(1, asked, order("BUY", 1))
    trader.wait(5)
    assert trader.statuses(1) == ["PreSubmitted"]
    give(tws, do="notice", code=1102)
    trader.wait(1)
    assert held(tws, spy) == 1
