"""Which price a quote gives, and by what name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import quote

CASES: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "two sides": ({"bid": "1.00", "ask": "1.05", "last": 9, "close": 8}, ("1.025", "mid")),
    "locked": ({"bid": 2, "ask": 2, "last": 9}, ("2", "mid")),
    "a bid of zero": ({"bid": 0, "ask": "0.05", "last": 1}, ("0.025", "mid")),
    "below zero": ({"bid": "-37.63", "ask": "-36.90", "last": -5}, ("-37.265", "mid")),
    "around zero": ({"bid": "-0.30", "ask": "0.30", "last": -5}, ("0", "mid")),
    "minus one": ({"bid": "-1.50", "ask": "-0.50", "close": 5}, ("-1", "mid")),
    "penny option": ({"bid": "0.05", "ask": "0.80", "last": "0.06"}, ("0.425", "mid")),
    "three times the bid": ({"bid": 1, "ask": 3, "last": 9}, ("2", "mid")),
    "absurdly wide": ({"bid": 1, "ask": "3.01", "last": "1.40"}, ("1.40", "last")),
    "stub quotes": ({"bid": "0.01", "ask": 199999, "last": 42}, ("42", "last")),
    "wide, last below": ({"bid": 5, "ask": 50, "last": 3}, ("5", "last")),
    "wide, last above": ({"bid": 5, "ask": 50, "last": 70}, ("50", "last")),
    "wide, close": ({"bid": 5, "ask": 50, "close": 70}, ("50", "close")),
    "wide around zero": ({"bid": -2, "ask": 2, "last": -1}, ("-1", "last")),
    "crossed": ({"bid": "10.02", "ask": "10.00", "last": "10.01"}, ("10.01", "last")),
    "crossed, last elsewhere": ({"bid": "10.02", "ask": "10.00", "last": 5}, ("10.00", "last")),
    "bid alone": ({"bid": 1, "last": 9, "close": 8}, ("9", "last")),
    "bid alone, last below": ({"bid": 1, "last": "0.5"}, ("1", "last")),
    "ask alone": ({"ask": "0.05", "last": "1.20"}, ("0.05", "last")),
    "ask alone, close": ({"ask": 1, "close": 8}, ("1", "close")),
    "last": ({"last": 9, "close": 8}, ("9", "last")),
    "last of minus one": ({"last": -1, "close": 8}, ("-1", "last")),
    "last of zero": ({"last": 0, "close": 8}, ("0", "last")),
    "close": ({"close": 8}, ("8", "close")),
    "bar": ({"source": "bar", "last": 7, "bid": 1, "ask": 2}, ("7", "bar")),
    "bar without price": ({"source": "bar", "close": 8}, ("8", "close")),
}

prices = st.none() | st.decimals(-1000, 1000, places=2)


@pytest.mark.parametrize("case", CASES)
def test_the_best_price_there_is_is_chosen_and_named(case: str) -> None:
    prices, (price, source) = CASES[case]
    chosen = quote(1, **prices)
    assert chosen.price() == (Decimal(price), source)
    assert not chosen.is_empty()


def test_a_quote_without_prices_is_empty_not_zero() -> None:
    silent = quote(1, iv=0.2)
    assert silent.price() == (None, "none")
    assert silent.is_empty()


@pytest.mark.parametrize("sides", [{"bid": 5}, {"ask": 5}, {"bid": 5, "ask": 50}])
def test_what_only_bounds_a_price_is_none(sides: dict[str, int]) -> None:
    assert quote(1, **sides).price() == (None, "none")


@given(*[st.none() | st.decimals()] * 4)
def test_any_numbers_give_a_price_or_none_and_never_an_error(
    bid: Decimal | None, ask: Decimal | None, last: Decimal | None, close: Decimal | None
) -> None:
    price, how = quote(1, bid=bid, ask=ask, last=last, close=close).price()
    assert (price is None) == (how == "none")


@given(prices, prices, prices, prices)
def test_a_price_lies_within_what_is_bid_and_asked(
    bid: Decimal | None, ask: Decimal | None, last: Decimal | None, close: Decimal | None
) -> None:
    """Whatever the ticks, and also where the sides contradict each other."""
    price, how = quote(1, bid=bid, ask=ask, last=last, close=close).price()
    assert (price is None) == (how == "none")
    if price is None:
        return
    sides = [side for side in (bid, ask) if side is not None]
    if len(sides) == 2:
        assert min(sides) <= price <= max(sides)
    elif bid is not None:
        assert price >= bid
    elif ask is not None:
        assert price <= ask


@given(st.decimals(-1000, 1000, places=9), st.decimals(-1000, 1000, places=9))
def test_the_middle_is_exact(bid: Decimal, ask: Decimal) -> None:
    price, how = quote(1, bid=bid, ask=ask).price()
    if how == "mid":
        assert price is not None
        assert Fraction(price) == (Fraction(bid) + Fraction(ask)) / 2
