"""What clients see of orders and executions, their own and others'."""

from __future__ import annotations

from ibapi.execution import ExecutionFilter
from ibapi.order_cancel import OrderCancel

from tests.support.official_client import an_order as order
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give
from tests.unit.simulator.trader import Trader, held, stock


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
    """They stay when it goes, and it gets them when it is back; its next id is a new one."""
    tws = InMemoryTws(positions=0)
    one, two = Trader(tws, 1), Trader(tws, 2)
    _, asked = stock(tws)
    one.place(1, asked, order("BUY", 1, "LMT", lmtPrice=1.0))
    two.client.requests.reqOpenOrders()
    assert not two.client.listen().of("openOrder")
    two.client.requests.reqAllOpenOrders()
    [(order_id, _, reported, _)] = two.client.listen().of("openOrder")
    assert (order_id, reported.clientId) == (1, 1)
    one.client.peer.leave()
    again = Trader(tws, 1)
    assert again.heard.of("nextValidId") == [(2,)]
    again.cancel(1)
    assert again.statuses(1)[-1] == "Cancelled"


def test_a_global_cancel_ends_the_orders_of_all_clients() -> None:
    """Each is sent to its own client."""
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
    """It gets the execution at once; others find it in the list of executions."""
    tws = InMemoryTws(positions=0)
    tws_client, other = Trader(tws, 0), Trader(tws, 3)
    spy, _ = stock(tws)
    tws_client.client.requests.reqAutoOpenOrders(True)
    other.client.requests.reqAutoOpenOrders(True)
    other.client.listen()
    assert other.errors() == [(-1, 321)]
    answer = give(tws, do="fill", con_id=spy.con_id, quantity=-3, price=500)
    assert answer["ok"] is True
    heard = tws_client.client.listen()
    [(_, _, execution)] = heard.of("execDetails")
    assert (execution.execId, execution.side, execution.orderId) == (answer["exec_id"], "SLD", 0)
    assert [args[1] for args in heard.of("orderStatus")] == ["Filled"]
    assert not other.client.listen().of("execDetails")
    other.client.requests.reqExecutions(1, ExecutionFilter())
    assert len(other.client.listen().of("execDetails")) == 1
    assert held(tws, spy) == -3
