"""Orders that TWS would not take are refused with its codes."""

from __future__ import annotations

import pytest
from ibapi.order import Order

from tests.support.official_client import an_order as order
from tests.support.official_client import official
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give
from tests.unit.simulator.trader import Trader, held, stock
from tws_simulator.book.position import Position


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
    give(tws, do="reject_orders", reason="not today")
    trader.place(4, official(option.con_id, exchange="SMART"), order("BUY", 1))
    assert trader.errors() == [(1, 200), (2, 201), (3, 10243), (4, 201)]
    assert "not today" in trader.heard.of("error")[-1][3]


def test_with_several_accounts_an_order_names_one() -> None:
    """435 otherwise."""
    tws = InMemoryTws(positions=0)
    give(tws, do="account_added", account="DU2")
    trader = Trader(tws)
    spy, asked = stock(tws)
    trader.place(1, asked, order("BUY", 1))
    assert trader.errors() == [(1, 435)]
    trader.place(1, asked, order("BUY", 1, account="DU2"))
    position = tws.world.accounts.position("DU2", spy.con_id)
    assert isinstance(position, Position)
    assert not held(tws, spy)
