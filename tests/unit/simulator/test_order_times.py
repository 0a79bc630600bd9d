"""Orders and the session: what waits, what ends with the day, what does not rest."""

from __future__ import annotations

from tests.support.official_client import an_order as order
from tests.support.official_client import official
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give
from tests.unit.simulator.trader import BELL, CLOSE, Trader, held, stock


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
    give(tws, do="halt", con_id=spy.con_id)
    trader.place(1, asked, order("BUY", 1))
    trader.wait(5)
    assert not held(tws, spy)
    give(tws, do="resume", con_id=spy.con_id)
    trader.wait(1)
    assert held(tws, spy) == 1


def test_orders_end_with_their_contract() -> None:
    """Expiry and a split cancel what rests."""
    tws = InMemoryTws()
    trader = Trader(tws)
    option = tws.held("OPT")
    _, asked = stock(tws)
    trader.place(1, official(option.con_id, exchange="SMART"),
                 order("BUY", 1, "LMT", lmtPrice=0.05, tif="GTC"))  # fmt: skip
    trader.place(2, asked, order("BUY", 1, "LMT", lmtPrice=1.0, tif="GTC"))
    give(tws, do="expire", con_id=option.con_id)
    give(tws, do="split", symbol="SPY", ratio="2:1")
    trader.wait(1)
    assert [trader.statuses(n)[-1] for n in (1, 2)] == ["Cancelled", "Cancelled"]
