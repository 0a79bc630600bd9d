"""Prices, greeks and implied volatility, held against QuantLib."""

from __future__ import annotations

import pytest
import QuantLib as ql
from hypothesis import assume, given
from hypothesis import strategies as st

from slotwise.rules.marks.black76 import greeks, implied_volatility, price, quote_greeks

SPOTS = st.floats(1.0, 10_000.0)
MONEYNESS = st.floats(0.5, 2.0)
YEARS = st.floats(1.0 / 365.0, 3.0)
VOLATILITIES = st.floats(0.03, 2.0)


@given(spot=SPOTS, moneyness=MONEYNESS, years=YEARS, iv=VOLATILITIES, call=st.booleans())
def test_black76_agrees_with_quantlib(
    spot: float, moneyness: float, years: float, iv: float, call: bool
) -> None:
    strike = spot * moneyness
    oracle = _oracle(spot, strike, years, iv, call)
    found = greeks(spot, strike, years, iv, call=call)
    assert price(spot, strike, years, iv, call=call) == pytest.approx(
        oracle.value(), rel=1e-9, abs=1e-11 * spot
    )
    assert found.delta == pytest.approx(oracle.delta(spot), rel=1e-9, abs=1e-12)
    assert found.gamma == pytest.approx(oracle.gamma(spot), rel=1e-8, abs=1e-12 / spot)
    assert found.vega == pytest.approx(oracle.vega(years), rel=1e-8, abs=1e-11 * spot)
    assert found.theta * 365.0 == pytest.approx(
        oracle.theta(spot, years), rel=1e-8, abs=1e-9 * spot
    )


@given(spot=SPOTS, moneyness=MONEYNESS, years=YEARS, iv=VOLATILITIES, call=st.booleans())
def test_implied_volatility_is_the_one_a_price_was_made_with(
    spot: float, moneyness: float, years: float, iv: float, call: bool
) -> None:
    strike = spot * moneyness
    assume(greeks(spot, strike, years, iv, call=call).vega > 1e-4 * spot)
    target = _oracle(spot, strike, years, iv, call).value()
    found = implied_volatility(target, spot, strike, years, call=call)
    assert found == pytest.approx(iv, rel=1e-6)


@given(
    target=st.floats(allow_nan=True, allow_infinity=True),
    spot=st.floats(-10.0, 1e6),
    strike=st.floats(-10.0, 1e6),
    years=st.floats(-1.0, 10.0),
    call=st.booleans(),
)
def test_implied_volatility_is_a_volatility_or_none(
    target: float, spot: float, strike: float, years: float, call: bool
) -> None:
    found = implied_volatility(target, spot, strike, years, call=call)
    assert found is None or 0.0 < found <= 10.0


def test_implied_volatility_is_none_below_the_value_of_exercise() -> None:
    assert implied_volatility(9.99, 110.0, 100.0, 0.1, call=True) is None


def test_quote_greeks_of_an_option_worth_its_exercise_are_those_of_the_underlying() -> None:
    found = quote_greeks(617.0, 620.0, 3818.5, 3200.0, 1 / 365, call=True)
    assert found is not None
    assert found.vega == 0.0
    assert found.delta == 1.0
    put = quote_greeks(380.0, 383.0, 3818.5, 4200.0, 1 / 365, call=False)
    assert put is not None
    assert put.delta == -1.0


def test_quote_greeks_are_none_where_no_volatility_explains_a_market() -> None:
    assert quote_greeks(600.0, 610.0, 3818.5, 3200.0, 1 / 365, call=True) is None


def _oracle(spot: float, strike: float, years: float, iv: float, call: bool) -> ql.BlackCalculator:
    kind = ql.Option.Call if call else ql.Option.Put
    return ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), spot, iv * years**0.5, 1.0)
