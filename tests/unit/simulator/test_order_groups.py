"""Orders that depend on each other: brackets, children, groups, combinations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.official_client import an_order as order
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.trader import Trader, bag, held, stock


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
    """No client gets it until it is sent."""
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
