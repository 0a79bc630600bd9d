"""Orders in the simulated market, heard through IB's own client."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from ibapi.contract import ComboLeg
from ibapi.contract import Contract as OfficialContract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.order_cancel import OrderCancel

from tests.support.official_client import OfficialClient, official
from tests.support.official_client import an_order as order
from tests.unit.simulator.in_memory import TUESDAY, InMemoryTws
from tests.unit.simulator.test_simulator_commands import tell
from tws_simulator.book.position import Position
from tws_simulator.instruments.contract import Contract

#: The bell of that day, and its close.
BELL, CLOSE = TUESDAY - 1800, TUESDAY + 6 * 3600


class Trader:
    """Place orders through IB's client, and read what it hears of them."""

    def __init__(self, tws: InMemoryTws, client_id: int = 1) -> None:
        self.tws = tws
        self.client = OfficialClient(tws, client_id)
        self.heard = self.client.recorder

    def place(self, order_id: int, what: OfficialContract, how: Order) -> None:
        """Place an order and let it get to the exchange."""
        self.client.requests.placeOrder(order_id, what, how)
        self.client.listen(0.05)

    def cancel(self, order_id: int) -> None:
        """Cancel an order and let that get to the exchange."""
        self.client.requests.cancelOrder(order_id, OrderCancel())
        self.client.listen(0.05)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.client.listen(seconds)

    def statuses(self, order_id: int) -> list[str]:
        """Give the states an order went through, as told, without repetitions."""
        told = [args[1] for args in self.heard.of("orderStatus") if args[0] == order_id]
        return [s for n, s in enumerate(told) if not n or told[n - 1] != s]

    def filled(self, order_id: int) -> Decimal:
        """Give what was last told to be filled."""
        told = [args for args in self.heard.of("orderStatus") if args[0] == order_id]
        return Decimal(told[-1][2])

    def errors(self) -> list[tuple[int, int]]:
        """Give the id and code of errors that are no notices."""
        told = ((args[0], args[2]) for args in self.heard.of("error"))
        return [(req_id, code) for req_id, code in told if not 2100 <= code < 2200]


def stock(tws: InMemoryTws, symbol: str = "SPY") -> tuple[Contract, OfficialContract]:
    """Give a stock, ours and theirs."""
    ours = tws.spot(symbol)
    return ours, official(ours.con_id, symbol=symbol, secType="STK", exchange="SMART")


def bag(symbol: str, legs: Sequence[tuple[Contract, int, str]]) -> OfficialContract:
    """Describe a combination of theirs: contract, ratio and side of each leg."""
    made = official(symbol=symbol, secType="BAG", exchange="SMART", currency="USD")
    made.comboLegs = []
    for contract, ratio, action in legs:
        leg = ComboLeg()
        leg.conId, leg.ratio, leg.action, leg.exchange = contract.con_id, ratio, action, "SMART"
        made.comboLegs.append(leg)
    return made


def held(tws: InMemoryTws, contract: Contract) -> Decimal:
    """Tell what the first account holds."""
    position = tws.world.accounts.position(tws.world.accounts.names[0], contract.con_id)
    return position.quantity if position else Decimal(0)


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


def test_a_closing_trade_tells_its_profit() -> None:
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
    told = {args[0]: args[1] for args in heard.of("updateAccountValue")}
    assert float(told["RealizedPnL"]) == pytest.approx(profit, abs=0.01)
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


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (order("BUY", 0), 434),
        (order("HOLD", 1), 321),
        (order("BUY", 1, "PEG MID"), 387),
        (order("BUY", 1, "LMT"), 321),
        (order("BUY", 1, "LMT", lmtPrice=10.001), 110),
        (order("BUY", 1, account="NOBODY"), 321),
        (order("BUY", 1, tif="NEVER"), 321),
        (order("BUY", 1, parentId=77), 135),
    ],
)
def test_what_tws_would_not_take_is_refused_with_its_code(how: Order, code: int) -> None:
    """The id stays free: the next order may have it."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    trader.place(1, asked, how)
    assert trader.errors() == [(1, code)]
    trader.place(1, asked, order("BUY", 1))
    assert held(tws, spy) == 1
    trader.place(1, asked, order("BUY", 1))
    assert trader.errors()[-1] == (1, 104)


def test_contracts_that_cannot_be_traded_are_refused() -> None:
    """None such: 200; an index: 201; part of an option: 10243; arranged: 201 with its reason."""
    tws = InMemoryTws()
    trader = Trader(tws)
    trader.place(1, official(5, exchange="SMART"), order("BUY", 1))
    trader.place(2, official(tws.spot("SPX").con_id, exchange="CBOE"), order("BUY", 1))
    option = tws.held("OPT")
    trader.place(3, official(option.con_id, exchange="SMART"), order("BUY", "0.5"))
    tell(tws, do="reject_orders", reason="not today")
    trader.place(4, official(option.con_id, exchange="SMART"), order("BUY", 1))
    assert trader.errors() == [(1, 200), (2, 201), (3, 10243), (4, 201)]
    assert "not today" in trader.heard.of("error")[-1][3]


def test_with_several_accounts_an_order_names_one() -> None:
    """435 otherwise."""
    tws = InMemoryTws(positions=0)
    tell(tws, do="account_added", account="DU2")
    trader = Trader(tws)
    spy, asked = stock(tws)
    trader.place(1, asked, order("BUY", 1))
    assert trader.errors() == [(1, 435)]
    trader.place(1, asked, order("BUY", 1, account="DU2"))
    position = tws.world.accounts.position("DU2", spy.con_id)
    assert isinstance(position, Position)
    assert not held(tws, spy)


def test_orders_wait_for_the_market_to_open() -> None:
    """A market order of the minute before the bell fills after it."""
    tws = InMemoryTws(BELL - 60, positions=0, market_hours="us")
    trader = Trader(tws)
    spy, asked = stock(tws)
    trader.place(1, asked, order("BUY", 1))
    trader.wait(BELL - tws.now - 0.001)
    assert trader.statuses(1) == ["PreSubmitted"]
    trader.wait(2)
    assert trader.statuses(1)[-1] == "Filled"
    assert held(tws, spy) == 1


def test_day_orders_end_with_the_day_and_others_stay() -> None:
    """At the close one is cancelled, the other is held for the next day."""
    tws = InMemoryTws(CLOSE - 60, positions=0, market_hours="us")
    trader = Trader(tws)
    _, asked = stock(tws)
    trader.place(2, asked, order("BUY", 1, "LMT", lmtPrice=1.0, tif="DAY"))
    trader.place(3, asked, order("BUY", 1, "LMT", lmtPrice=1.0, tif="GTC"))
    trader.wait(CLOSE - tws.now)
    assert [trader.statuses(n)[-1] for n in (2, 3)] == ["Submitted", "Submitted"]
    trader.wait(2)
    assert [trader.statuses(n)[-1] for n in (2, 3)] == ["Cancelled", "PreSubmitted"]


def test_immediate_orders_do_not_rest() -> None:
    """What IOC does not fill at once is cancelled; FOK fills all or nothing."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    trader.place(1, asked, order("BUY", 1, "LMT", lmtPrice=1.0, tif="IOC"))
    trader.place(2, asked, order("BUY", 5_000, tif="IOC"))
    trader.place(3, asked, order("BUY", 5_000, tif="FOK"))
    assert [trader.statuses(n)[-1] for n in (1, 2, 3)] == ["Cancelled"] * 3
    assert trader.filled(1) == trader.filled(3) == 0
    assert 0 < trader.filled(2) == held(tws, spy) <= 2_000


def test_a_halted_contract_does_not_trade() -> None:
    """Nothing fills during a halt, and what waited fills after it."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    tell(tws, do="halt", con_id=spy.con_id)
    trader.place(1, asked, order("BUY", 1))
    trader.wait(5)
    assert not held(tws, spy)
    tell(tws, do="resume", con_id=spy.con_id)
    trader.wait(1)
    assert held(tws, spy) == 1


def test_a_bracket_is_sent_with_its_last_order_and_one_exit_cancels_the_other() -> None:
    """Parent and first child wait for the last; children wait for the parent's fill."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    bid = tws.world.market.quote(spy, tws.now).bid
    assert bid is not None
    trader.place(1, asked, order("BUY", 10, "LMT", lmtPrice=1.0, transmit=False))
    trader.place(2, asked, order("SELL", 10, "LMT", lmtPrice=round(bid - 5, 2), parentId=1,
                                 transmit=False))  # fmt: skip
    assert not trader.heard.of("orderStatus")
    trader.place(3, asked, order("SELL", 10, "STP", auxPrice=1.0, parentId=1))
    trader.wait(5)
    assert [trader.statuses(n)[-1] for n in (1, 2, 3)] == [
        "Submitted", "PreSubmitted", "PreSubmitted",
    ]  # fmt: skip
    trader.place(1, asked, order("BUY", 10, "LMT", lmtPrice=round(bid + 5, 2)))
    trader.wait(1)
    assert [trader.statuses(n)[-1] for n in (1, 2, 3)] == ["Filled", "Filled", "Cancelled"]
    assert held(tws, spy) == 0


def test_an_order_that_was_not_sent_may_still_change_or_go() -> None:
    """Nobody hears of it until it is sent."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    trader.place(1, asked, order("BUY", 10, transmit=False))
    trader.place(2, asked, order("BUY", 10, transmit=False))
    trader.wait(5)
    trader.cancel(2)
    assert trader.errors() == [(2, 202)]
    trader.place(1, asked, order("BUY", 3))
    assert trader.statuses(1)[-1] == "Filled"
    assert held(tws, spy) == 3


def test_children_end_with_their_parent() -> None:
    """A cancelled parent takes them along."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    _, asked = stock(tws)
    trader.place(1, asked, order("BUY", 10, "LMT", lmtPrice=1.0))
    trader.place(2, asked, order("SELL", 10, "LMT", lmtPrice=900.0, parentId=1))
    trader.cancel(1)
    assert [trader.statuses(n)[-1] for n in (1, 2)] == ["Cancelled", "Cancelled"]


@pytest.mark.parametrize(("oca_type", "left"), [(1, "Cancelled"), (2, "Submitted")])
def test_a_group_cancels_or_shrinks_the_others(oca_type: int, left: str) -> None:
    """Type 1 cancels at the first fill, types 2 and 3 take off what was filled."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    _, asked = stock(tws)
    group: dict[str, Any] = {"ocaGroup": "g", "ocaType": oca_type}
    trader.place(1, asked, order("BUY", 10, "LMT", lmtPrice=1.0, **group))
    trader.place(2, asked, order("BUY", 9, **group))
    assert trader.statuses(1)[-1] == left
    if left == "Submitted":
        assert trader.heard.of("openOrder")[-1][2].totalQuantity == 1


def test_a_combination_fills_all_its_legs_at_their_net() -> None:
    """One execution sums it up, one for each leg moves a position; legs alone cost commission."""
    tws = InMemoryTws()
    trader = Trader(tws)
    found = [p.contract for p in tws.world.accounts.positions() if p.contract.sec_type == "OPT"]
    first, second = found[0], next(c for c in found[1:] if c.symbol == found[0].symbol)
    before = held(tws, first), held(tws, second)
    now = tws.now
    legs = ((first, 1, "BUY"), (second, 2, "SELL"))
    trader.place(1, bag(first.symbol, legs), order("BUY", 1))
    trader.wait(5)
    market = tws.world.market
    ask, bid = market.quote(first, now + 0.02).ask, market.quote(second, now + 0.02).bid
    assert ask is not None
    assert bid is not None
    executions = [(args[1].secType, args[2]) for args in trader.heard.of("execDetails")]
    assert [kind for kind, _ in executions] == ["BAG", "OPT", "OPT"]
    assert executions[0][1].price == pytest.approx(ask - 2 * bid)
    assert len(trader.heard.of("commissionAndFeesReport")) == 2
    assert held(tws, first) == before[0] + 1
    assert held(tws, second) == before[1] - 2


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


def test_executions_are_listed_by_what_fits() -> None:
    """By client, symbol, side and time; each with its commission, then the end."""
    tws = InMemoryTws(positions=0)
    one, two = Trader(tws, 1), Trader(tws, 2)
    one.place(1, stock(tws)[1], order("BUY", 1))
    two.place(1, stock(tws, "QQQ")[1], order("BUY", 2))
    two.place(2, stock(tws, "QQQ")[1], order("SELL", 2))

    def listed(**fields: object) -> list[tuple[str, str]]:
        wanted = ExecutionFilter()
        for name, value in fields.items():
            setattr(wanted, name, value)
        one.heard.heard.clear()
        one.client.requests.reqExecutions(5, wanted)
        heard = one.client.listen()
        assert heard.of("execDetailsEnd") == [(5,)]
        rows = [(args[1].symbol, args[2].side) for args in heard.of("execDetails")]
        assert len(heard.of("commissionAndFeesReport")) == len(rows)
        return rows

    assert listed() == [("SPY", "BOT"), ("QQQ", "BOT"), ("QQQ", "SLD")]
    assert listed(clientId=1) == [("SPY", "BOT")]
    assert listed(symbol="QQQ", side="SELL") == [("QQQ", "SLD")]
    assert listed(time="20261110-15:00:00") == listed()
    assert listed(time="20261110-23:00:00") == []
    assert listed(time="20261110 10:00:00 US/Eastern") == listed()


def test_a_client_sees_its_own_orders_and_may_ask_for_all() -> None:
    """They stay when it goes, and it hears of them when it is back; its next id is a new one."""
    tws = InMemoryTws(positions=0)
    one, two = Trader(tws, 1), Trader(tws, 2)
    _, asked = stock(tws)
    one.place(1, asked, order("BUY", 1, "LMT", lmtPrice=1.0))
    two.client.requests.reqOpenOrders()
    assert not two.client.listen().of("openOrder")
    two.client.requests.reqAllOpenOrders()
    [(order_id, _, told, _)] = two.client.listen().of("openOrder")
    assert (order_id, told.clientId) == (1, 1)
    one.client.peer.leave()
    again = Trader(tws, 1)
    assert again.heard.of("nextValidId") == [(2,)]
    again.cancel(1)
    assert again.statuses(1)[-1] == "Cancelled"


def test_a_global_cancel_ends_the_orders_of_all_clients() -> None:
    """Each is told to its own client."""
    tws = InMemoryTws(positions=0)
    one, two = Trader(tws, 1), Trader(tws, 2)
    _, asked = stock(tws)
    one.place(1, asked, order("BUY", 1, "LMT", lmtPrice=1.0))
    two.client.requests.reqGlobalCancel(OrderCancel())
    two.client.listen(0.1)
    one.client.listen()
    assert one.errors() == [(1, 202)]
    assert two.errors() == []


def test_a_trade_by_hand_belongs_to_client_0() -> None:
    """It hears of the execution at once; others find it in the list of executions."""
    tws = InMemoryTws(positions=0)
    tws_client, other = Trader(tws, 0), Trader(tws, 3)
    spy, _ = stock(tws)
    tws_client.client.requests.reqAutoOpenOrders(True)
    other.client.requests.reqAutoOpenOrders(True)
    other.client.listen()
    assert other.errors() == [(-1, 321)]
    answer = tell(tws, do="fill", con_id=spy.con_id, quantity=-3, price=500)
    assert answer["ok"] is True
    heard = tws_client.client.listen()
    [(_, _, execution)] = heard.of("execDetails")
    assert (execution.execId, execution.side, execution.orderId) == (answer["exec_id"], "SLD", 0)
    assert [args[1] for args in heard.of("orderStatus")] == ["Filled"]
    assert not other.client.listen().of("execDetails")
    other.client.requests.reqExecutions(1, ExecutionFilter())
    assert len(other.client.listen().of("execDetails")) == 1
    assert held(tws, spy) == -3


def test_orders_end_with_their_contract() -> None:
    """Expiry and a split cancel what rests."""
    tws = InMemoryTws()
    trader = Trader(tws)
    option = tws.held("OPT")
    _, asked = stock(tws)
    trader.place(1, official(option.con_id, exchange="SMART"),
                 order("BUY", 1, "LMT", lmtPrice=0.05, tif="GTC"))  # fmt: skip
    trader.place(2, asked, order("BUY", 1, "LMT", lmtPrice=1.0, tif="GTC"))
    tell(tws, do="expire", con_id=option.con_id)
    tell(tws, do="split", symbol="SPY", ratio="2:1")
    trader.wait(1)
    assert [trader.statuses(n)[-1] for n in (1, 2)] == ["Cancelled", "Cancelled"]


def test_nothing_fills_without_the_link_and_all_is_told_after_it() -> None:
    """1100: orders are taken and wait; 1102: they fill."""
    tws = InMemoryTws(positions=0)
    trader = Trader(tws)
    spy, asked = stock(tws)
    tell(tws, do="notice", code=1100)
    trader.place(1, asked, order("BUY", 1))
    trader.wait(5)
    assert trader.statuses(1) == ["PreSubmitted"]
    tell(tws, do="notice", code=1102)
    trader.wait(1)
    assert held(tws, spy) == 1
