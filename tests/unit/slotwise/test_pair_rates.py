"""Rates from the quotes of currency pairs: the middle, or one over it, with age and source."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.contract import Contract
from slotwise.pair_rates import Wanted, pair_rates
from slotwise.quote import Quote
from tests.support.effort import examples
from tests.support.values import ACCOUNT, at, contract, quote


def pair(name: str, seconds: float = 0, **prices: Any) -> tuple[Contract, Quote]:
    """Make a pair such as EUR.USD, and a quote of it."""
    first, second = name.split(".")
    kind = {"sec_type": "CASH", "exchange": "IDEALPRO", "price_magnifier": 1}
    fields = {name: prices.pop(name) for name in kind if name in prices}
    one = contract(1, symbol=first, currency=second, **(kind | fields))
    return one, quote(1, observed_at=at(seconds), **({"last": None, "close": None} | prices))


def wanted(currency: str, base: str = "USD") -> Wanted:
    return Wanted(ACCOUNT, currency, base)


def test_the_middle_of_a_pair_is_the_rate_of_its_first_currency() -> None:
    [rate] = pair_rates([wanted("EUR")], [pair("EUR.USD", 3, bid="1.1600", ask="1.1602")])
    assert (rate.rate, rate.source, rate.observed_at) == (Decimal("1.1601"), "EUR.USD", at(3))
    assert (rate.account, rate.currency, rate.base_currency) == (ACCOUNT, "EUR", "USD")


def test_one_over_the_middle_is_the_rate_of_its_second_currency() -> None:
    [rate] = pair_rates([wanted("JPY")], [pair("USD.JPY", bid=159, ask=161)])
    assert (rate.rate, rate.source) == (Decimal("0.00625"), "USD.JPY")
    [small] = pair_rates([wanted("KRW", "EUR")], [pair("EUR.KRW", bid=1699, ask=1701)])
    assert small.rate == Decimal("0.000588235294"), "rounded to the column's 12 decimals"


def test_of_both_pairs_and_of_several_quotes_the_newest_counts() -> None:
    quotes = [
        pair("EUR.USD", 1, bid=1, ask=1),
        pair("USD.EUR", 3, bid="0.5", ask="0.5"),
        pair("EUR.USD", 2, bid=3, ask=3),
    ]
    [rate] = pair_rates([wanted("EUR")], quotes)
    assert (rate.rate, rate.source) == (Decimal(2), "USD.EUR")


def test_what_is_no_middle_in_known_units_is_no_rate() -> None:
    """A close, a crossed market, one side, a price of zero, a magnifier that is unknown."""
    for prices in (
        {"close": "1.16"},
        {"last": "1.16"},
        {"bid": "1.17", "ask": "1.16"},
        {"bid": "1.16"},
        {"bid": 0, "ask": 0},
        {"bid": -1, "ask": -1},
        {"bid": "1.16", "ask": "1.16", "price_magnifier": None},
        {"bid": "1.16", "ask": "1.16", "sec_type": "CFD"},
    ):
        assert pair_rates([wanted("EUR")], [pair("EUR.USD", **prices)]) == [], prices


def test_no_rate_is_put_together_and_none_is_a_neighbours() -> None:
    quotes = [pair("EUR.USD", bid=1, ask=1), pair("EUR.GBP", bid=1, ask=1)]
    assert pair_rates([wanted("GBP"), wanted("CHF")], quotes) == []


def test_a_pair_in_hundredths_is_divided_by_its_magnifier() -> None:
    [rate] = pair_rates([wanted("EUR")], [pair("EUR.USD", bid=115, ask=117, price_magnifier=100)])
    assert rate.rate == Decimal("1.16")


PRICES = st.decimals("0.0001", "99999", places=5)


@settings(max_examples=examples(200))
@given(PRICES, PRICES, st.sampled_from([1, 100]), st.booleans())
def test_a_rate_is_its_exact_middle_to_twelve_decimals(
    bid: Decimal, ask: Decimal, magnifier: int, direct: bool
) -> None:
    """Recomputed with fractions; and where the market has no middle there is no rate."""
    name = "EUR.USD" if direct else "USD.EUR"
    one, seen = pair(name, bid=bid, ask=ask, price_magnifier=magnifier)
    found = pair_rates([wanted("EUR")], [(one, seen)])
    if seen.price()[1] != "mid":
        assert found == []
        return
    middle = (Fraction(bid) + Fraction(ask)) / 2 / magnifier
    exact = middle if direct else 1 / middle
    [rate] = found
    assert abs(Fraction(rate.rate) - exact) <= Fraction(1, 2 * 10**12)
