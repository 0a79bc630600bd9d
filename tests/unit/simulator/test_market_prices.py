"""Prices are functions of time, and options follow their underlyings."""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import pstdev
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.simulator.in_memory import TUESDAY, InMemoryTws
from tws_simulator.market.black_scholes import RATE, greeks, value
from tws_simulator.market.calendar import UsHours
from tws_simulator.market.fixed import FixedQuote
from tws_simulator.market.rounding import to_tick
from tws_simulator.market.walk import TRADING_YEAR_S, Walk

#: A Saturday, 15:00 UTC; the Friday's close in New York is 21:00 UTC.
SATURDAY = 1_794_668_400.0
FRIDAY_CLOSE = SATURDAY - 18 * 3600


@given(st.lists(st.floats(TUESDAY, TUESDAY + 1e6), max_size=20))
def test_a_price_depends_on_its_time_and_on_nothing_else(times: list[float]) -> None:
    """Whatever was asked before, and in which order."""
    wandering = Walk(0.2, 1, "SPY")
    for t in times:
        assert wandering.value(t) == Walk(0.2, 1, "SPY").value(t)


@pytest.mark.parametrize("lag_s", [1, 60, 3600])
def test_a_walk_has_the_volatility_asked_for(lag_s: float) -> None:
    """Over a second as over an hour, within what a sample can show."""
    walks = [Walk(0.3, seed, "X") for seed in range(40)]
    moves = [
        walk.value(t + lag_s) - walk.value(t)
        for walk in walks
        for t in (TUESDAY + 40_000.3 * n for n in range(40))
    ]
    assert pstdev(moves) / sqrt(lag_s / TRADING_YEAR_S) == pytest.approx(0.3, rel=0.15)


options = (
    st.floats(50, 500), st.floats(0.7, 1.4), st.floats(0.02, 2.0), st.floats(0.1, 0.8),
)  # fmt: skip


@given(*options)
def test_put_and_call_keep_parity(spot: float, share: float, years: float, vol: float) -> None:
    """A call less a put is a forward."""
    strike = spot * share
    call = value("C", spot, strike, years, vol)
    put = value("P", spot, strike, years, vol)
    assert call - put == pytest.approx(spot - strike * exp(-RATE * years), abs=1e-6)


@given(st.sampled_from(["C", "P"]), *options)
def test_greeks_are_the_slopes_of_the_price(
    right: Literal["C", "P"], spot: float, share: float, years: float, vol: float
) -> None:
    """Delta, gamma, vega and theta by finite differences."""
    strike, h = spot * share, spot * 1e-3

    def at(s: float = spot, t: float = years, v: float = vol) -> float:
        return value(right, s, strike, t, v)

    g = greeks(right, spot, strike, years, vol)
    assert g.price == pytest.approx(at(), abs=1e-9)
    assert g.delta == pytest.approx((at(spot + h) - at(spot - h)) / (2 * h), abs=2e-3)
    gamma = (at(spot + h) - 2 * at() + at(spot - h)) / h**2
    assert g.gamma == pytest.approx(gamma, rel=0.02, abs=1e-4)
    assert g.vega == pytest.approx(at(v=vol + 5e-3) - at(v=vol - 5e-3), rel=0.02, abs=1e-3)
    day = 1 / 365
    theta = (at(t=years - day / 10) - at(t=years + day / 10)) / 0.2
    assert g.theta == pytest.approx(theta, rel=0.05, abs=1e-3)


@pytest.mark.parametrize("kind", ["STK", "OPT", "FUT"])
def test_quotes_lie_on_the_tick_and_do_not_cross(kind: str) -> None:
    """Bid below ask, both multiples of the minimum tick; last within the day's range."""
    tws = InMemoryTws()
    contract = tws.held(kind)
    for step in range(200):
        quote = tws.world.market.quote(contract, tws.now + step * 7)
        assert quote.bid is not None
        assert quote.ask is not None
        assert 0 < quote.bid < quote.ask
        assert quote.low <= quote.last <= quote.high
        for price in (quote.bid, quote.ask, quote.last, quote.open, quote.close):
            assert price == to_tick(price, contract.min_tick)


def test_what_is_worth_nothing_has_no_bid_and_trades_at_the_ask() -> None:
    """Far out of the money: bid -1 of size 0, an ask of one tick."""
    tws = InMemoryTws()
    option = tws.world.universe.option("SPY", "20261113", 300.0, "P")
    for step in range(200):
        quote = tws.world.market.quote(option, tws.now + step * 15)
        assert (quote.bid, quote.bid_size) == (-1.0, 0)
        assert quote.ask == quote.last == option.min_tick
        assert quote.ask_size > 0


@given(
    st.sampled_from(["C", "P"]),
    st.integers(-80, 80),
    st.integers(0, 4 * 24 * 240),
)
def test_a_mark_is_not_outside_of_the_market(
    right: Literal["C", "P"], away: int, quarter_minutes: int
) -> None:
    """Also of what is worth less than a tick, in the days before it expires, and of a share."""
    tws = InMemoryTws()
    market, universe = tws.world.market, tws.world.universe
    option = universe.option("SPY", "20261113", 682.0 + away, right)
    # What is quoted changes each 15 seconds at most: then both are of one moment.
    at = (TUESDAY // 15 + quarter_minutes) * 15.0
    for contract in (option, tws.held("STK")):
        quote, mark = market.quote(contract, at), market.mark(contract, at)
        assert quote.ask is not None
        assert quote.bid is not None
        assert mark <= quote.ask
        if quote.bid_size:
            assert mark >= quote.bid


def test_a_mark_that_is_given_stands_also_where_one_side_is_quoted() -> None:
    """The middle of what is given, whatever the market's own quote would be."""
    tws = InMemoryTws()
    market, share = tws.world.market, tws.held("STK")
    market.fix(share.con_id, FixedQuote(bid=1.0, ask=2.0))
    assert market.mark(share, TUESDAY) == 1.5
    market.fix(share.con_id, FixedQuote(last=3.25))
    assert market.mark(share, TUESDAY) == 3.25


def test_an_option_that_has_traded_last_is_worth_what_it_is_settled_at() -> None:
    """Also on a day on which a bid and an ask of the market would lie elsewhere."""
    tws = InMemoryTws()
    market, universe = tws.world.market, tws.world.universe
    for strike in (600.0, 682.0, 760.0):
        for right in ("C", "P"):
            option = universe.option("SPY", "20261113", strike, right)
            last_at = market.last_trade_at(option)
            sign = 1 if right == "C" else -1
            worth = max(sign * (market.spot("SPY", last_at) - strike), 0.0)
            assert market.mark(option, last_at + 60) == to_tick(worth, option.min_tick)


def test_spy_is_a_tenth_of_spx_whatever_the_market_does() -> None:
    """They share the market's walk."""
    market = InMemoryTws().world.market
    for t in (TUESDAY, TUESDAY + 1e4, TUESDAY + 1e6):
        ratio = market.spot("SPX", t) / market.spot("SPY", t)
        assert ratio == pytest.approx(6840 / 682)


def test_puts_are_dearer_than_calls_as_far_away() -> None:
    """The smile has a skew."""
    tws = InMemoryTws()
    universe, market = tws.world.universe, tws.world.market
    spot = market.spot("SPX", tws.now)
    put = universe.option("SPX", "20261218", round(spot * 0.95, -1), "P")
    call = universe.option("SPX", "20261218", round(spot * 1.05, -1), "C")
    ivs = [
        market.greeks(contract, None, market.quote(contract, tws.now), tws.now).iv
        for contract in (put, call)
    ]
    assert ivs[0] > ivs[1]
    assert abs(log(ivs[0] / 0.16)) < 0.5


@pytest.mark.parametrize(
    ("now", "is_open", "traded_at"),
    [
        (TUESDAY, True, TUESDAY),
        (TUESDAY - 3600, False, TUESDAY - 18 * 3600),
        (TUESDAY + 6 * 3600 + 60, False, TUESDAY + 6 * 3600),
        (SATURDAY, False, FRIDAY_CLOSE),
        (SATURDAY + 86_400, False, FRIDAY_CLOSE),
    ],
)
def test_us_hours_stop_time_at_the_last_close(now: float, is_open: bool, traded_at: float) -> None:
    """Before the open, after the close, and over a weekend."""
    calendar = UsHours()
    assert calendar.is_open(now) is is_open
    assert calendar.traded_at(now) == traded_at


def test_us_hours_are_sent_as_tws_does() -> None:
    """Sessions by day, and CLOSED."""
    text = UsHours().hours_text(SATURDAY).split(";")
    assert text[0] == "20261114:CLOSED"
    assert text[2] == "20261116:0930-20261116:1600"
