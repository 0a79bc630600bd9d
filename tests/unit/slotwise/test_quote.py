"""Which price a quote gives, and by what name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.values import quote

CASES = {
    "two sides": ({"bid": "1.00", "ask": "1.05", "last": 9, "close": 8}, ("1.025", "mid")),
    "bid alone": ({"bid": 1, "last": 9, "close": 8}, ("9", "last")),
    "ask alone": ({"ask": 1, "close": 8}, ("8", "close")),
    "last": ({"last": 9, "close": 8}, ("9", "last")),
    "close": ({"close": 8}, ("8", "close")),
    "bar": ({"source": "bar", "last": 7, "bid": 1, "ask": 2}, ("7", "bar")),
    "bar without price": ({"source": "bar", "close": 8}, ("8", "close")),
    "a price of zero": ({"bid": 0, "ask": "0.05", "last": 1}, ("0.025", "mid")),
}


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
