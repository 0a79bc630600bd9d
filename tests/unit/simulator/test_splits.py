"""Splits: shares, cost, price and options change together, and the value stays the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.in_memory import InMemoryTws, by_id
from tests.unit.simulator.test_expiry import ACCOUNT, opened, wealth
from tests.unit.simulator.test_simulator_commands import give
from tws_simulator.book.position import Position

EXPIRY = "20261218"


def held_of(tws: InMemoryTws, symbol: str, right: str = "") -> Position:
    """Return the only position of a kind."""
    (held,) = (
        p
        for p in tws.world.accounts.positions()
        if (p.contract.symbol, p.contract.right) == (symbol, right)
    )
    return held


def test_a_whole_split_multiplies_shares_and_divides_cost_and_price() -> None:
    """Subscribers are pushed the new quantity; the contract stays."""
    tws = InMemoryTws(positions=0)
    stock = opened(tws, symbol="SPY", quantity=100, avg_cost=600)
    client = tws.client()
    client.ask(61, 1)
    before = tws.world.market.spot("SPY", tws.now)
    assert give(tws, do="split", symbol="SPY", ratio="3:1") == {"ok": True}
    (row,) = client.read(61)
    assert (int(row[3]), row[14], float(row[15])) == (stock, "300", 200.0)
    assert tws.world.market.spot("SPY", tws.now) == pytest.approx(before / 3)


def test_a_reverse_split_can_give_the_stock_another_id() -> None:
    """As users report: a push of 0 for the old one, which gets 200, and a push of the new one."""
    tws = InMemoryTws(positions=0)
    old = opened(tws, symbol="SPY", quantity=100, avg_cost=60)
    opened(tws, symbol="SPY", expiry=EXPIRY, strike=60, right="C", quantity=2, avg_cost=100)
    client = tws.client()
    client.ask(61, 1)
    assert give(tws, do="split", symbol="SPY", ratio="1:10", con_id=42) == {"ok": True}
    rows = [(int(f[3]), f[14]) for f in client.read(61) if f[5] == "STK"]
    assert rows == [(old, "0"), (42, "10")]
    client.send(9, 8, 3, *by_id(old), 0, "", "", "")
    assert client.errors() == [(3, 200)]
    [held] = [p for p in tws.world.accounts.positions() if p.contract.right]
    assert held.contract.under_con_id == 42
    assert tws.world.universe.delivered(held.contract) == tws.spot("SPY")
    assert give(tws, do="split", symbol="SPY", ratio="1:2", con_id=42)["ok"] is False


def test_a_quote_after_a_split_is_one_of_the_new_price_and_so_is_the_day() -> None:
    """Charts are adjusted: a split is no crash."""
    tws = InMemoryTws(positions=0)
    contract = tws.spot("SPY")
    before = tws.world.market.quote(contract, tws.now)
    give(tws, do="split", symbol="SPY", ratio="2:1")
    after = tws.world.market.quote(contract, tws.now)
    for name in ("bid", "ask", "last", "open", "high", "low", "close"):
        assert getattr(after, name) == pytest.approx(getattr(before, name) / 2, abs=0.03), name


def test_an_option_of_a_whole_split_has_a_lower_strike_and_more_contracts() -> None:
    """It is another contract; the old one is unknown from then on."""
    tws = InMemoryTws(positions=0)
    old = opened(
        tws, symbol="SPY", expiry=EXPIRY, strike=600, right="C", quantity=-2, avg_cost=1000
    )
    client = tws.client()
    client.ask(61, 1)
    give(tws, do="split", symbol="SPY", ratio="2:1")
    held = held_of(tws, "SPY", "C")
    assert (held.quantity, held.avg_cost) == (Decimal(-4), 500)
    assert (held.contract.strike, held.contract.multiplier) == (300, Decimal(100))
    assert held.contract.local_symbol == "SPY   261218C00300000"
    assert [(int(f[3]), f[14]) for f in client.read(61)] == [
        (old, "0"), (held.contract.con_id, "-4"),
    ]  # fmt: skip
    assert client.ask(9, 8, 7, *by_id(old), 0, "", "", "")[0][3] == "200"
    assert client.ask(9, 8, 8, *by_id(held.contract.con_id), 0, "", "", "")[0][0] == "10"


def test_an_option_that_a_split_took_away_does_not_tick() -> None:
    """Least of all at what its strike would be worth against the new price."""
    tws = InMemoryTws(positions=0)
    old = opened(tws, symbol="SPY", expiry=EXPIRY, strike=600, right="C", quantity=1)
    contract = tws.world.universe.get(old)
    assert contract is not None
    client = tws.client()
    client.market_data(1, contract)
    tws.wait(5)
    assert client.read(1)
    give(tws, do="split", symbol="SPY", ratio="2:1")
    tws.wait(1)
    client.read()
    tws.wait(60)
    assert client.read(1, 2, 21) == []


@pytest.mark.parametrize(
    ("ratio", "multiplier", "strike"), [("3:2", 150, 400.0), ("1:10", 10, 6000.0)]
)
def test_an_option_of_any_other_split_delivers_another_number_of_shares(
    ratio: str, multiplier: int, strike: float
) -> None:
    """As many contracts of a class that is marked with a 1."""
    tws = InMemoryTws(positions=0)
    opened(tws, symbol="SPY", expiry=EXPIRY, strike=600, right="P", quantity=3, avg_cost=1000)
    give(tws, do="split", symbol="SPY", ratio=ratio)
    held = held_of(tws, "SPY", "P")
    assert (held.quantity, held.avg_cost) == (Decimal(3), 1000)
    assert held.contract.multiplier == multiplier
    assert held.contract.strike == strike
    assert held.contract.trading_class == "SPY1"


def test_options_listed_at_a_strike_that_a_split_gives_to_others_are_kept_apart() -> None:
    """600 becomes 300, and 300 becomes 150; no id means two contracts in turn."""
    tws = InMemoryTws(positions=0)
    ids = {
        strike: opened(
            tws, symbol="SPY", expiry=EXPIRY, strike=strike, right="C", quantity=strike // 100
        )
        for strike in (600, 300)
    }
    give(tws, do="split", symbol="SPY", ratio="2:1")
    held = {p.contract.strike: p for p in tws.world.accounts.positions()}
    assert {strike: p.quantity for strike, p in held.items()} == {300: 12, 150: 6}
    assert not {p.contract.con_id for p in held.values()} & set(ids.values())
    again = opened(tws, symbol="SPY", expiry=EXPIRY, strike=600, right="C", quantity=1)
    contract = tws.world.universe.get(again)
    assert contract is not None
    assert contract.strike == 600


def test_a_part_of_a_share_is_paid_out() -> None:
    """At the new price."""
    tws = InMemoryTws(positions=0)
    opened(tws, symbol="SPY", quantity=105, avg_cost=600)
    cash = tws.world.accounts.cash(ACCOUNT)
    give(tws, do="split", symbol="SPY", ratio="1:10")
    assert held_of(tws, "SPY").quantity == 10
    paid = tws.world.accounts.cash(ACCOUNT) - cash
    price = tws.world.market.spot("SPY", tws.now)
    assert float(paid) == pytest.approx(price / 2, abs=0.01)


@settings(max_examples=examples(60))
@given(
    st.lists(st.sampled_from(["2:1", "3:1", "4:1", "3:2", "1:2", "1:10", "5:4"]), max_size=3),
    st.integers(-500, 500).filter(bool),
    st.lists(
        st.tuples(st.integers(400, 800), st.sampled_from("CP"), st.integers(-9, 9).filter(bool)),
        max_size=4,
        unique_by=lambda drawn: drawn[:2],
    ),
)
def test_splits_keep_what_an_account_is_worth(
    ratios: list[str], shares: int, options: list[tuple[int, str, int]]
) -> None:
    """Within the ticks that prices are rounded to; a refused one changes nothing at all."""
    tws = InMemoryTws(positions=0)
    opened(tws, symbol="SPY", quantity=shares)
    for strike, right, quantity in options:
        opened(tws, symbol="SPY", expiry=EXPIRY, strike=strike, right=right, quantity=quantity)
    for ratio in ratios:
        before, was = wealth(tws), list(tws.world.accounts.positions())
        done = give(tws, do="split", symbol="SPY", ratio=ratio)["ok"]
        now = list(tws.world.accounts.positions())
        units = sum(abs(p.quantity) * p.contract.multiplier for p in (*was, *now)) + 1
        assert wealth(tws) == pytest.approx(before, abs=0.01 * float(units))
        assert done or now == was


@pytest.mark.parametrize(
    ("symbol", "ratio"),
    [("SPY", "2"), ("SPY", "1:1"), ("SPY", "0:1"), ("SPY", "9999:1"), ("SPY", "1:3"),
     ("SPX", "2:1"), ("ES", "2:1"), ("NONE", "2:1"), ("SPY", "2:1 ")],
)  # fmt: skip
def test_a_split_that_makes_no_sense_changes_nothing(symbol: str, ratio: str) -> None:
    """Only stocks split, and no option can deliver a third of a share."""
    tws = InMemoryTws(positions=0)
    opened(tws, symbol="SPY", expiry=EXPIRY, strike=600, right="P", quantity=3)
    price = tws.world.market.spot("SPY", tws.now)
    before = list(tws.world.accounts.positions())
    assert give(tws, do="split", symbol=symbol, ratio=ratio)["ok"] is False
    assert list(tws.world.accounts.positions()) == before
    assert tws.world.market.spot("SPY", tws.now) == price
