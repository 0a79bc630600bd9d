"""Sums of what is held: by currency, by base currency, and what they lack."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.totals import Holding, in_base, totals
from tests.support.values import ACCOUNT, NOON, at


def rate(
    currency: str, value: str, base: str = "USD", account: str = ACCOUNT, seconds: float = 0.0
) -> ExchangeRate:
    return ExchangeRate(
        account=account,
        currency=currency,
        base_currency=base,
        rate=Decimal(value),
        observed_at=at(seconds),
    )


def held(
    currency: str, value: str | None, gain: str | None = "0", account: str = ACCOUNT
) -> Holding:
    return Holding(
        account=account,
        currency=currency,
        market_value=None if value is None else Decimal(value),
        unrealized_pnl=None if gain is None else Decimal(gain),
    )


RATES = Rates([rate("USD", "1"), rate("GBP", "1.33", seconds=-20), rate("JPY", "0.0064")])


def test_each_currency_is_added_up_by_itself() -> None:
    found = totals([held("GBP", "429.50", "14.50"), held("JPY", "280050"), held("GBP", "1")], RATES)
    assert [(one.currency, one.holdings, one.market_value) for one in found.currencies] == [
        ("GBP", 2, Decimal("430.50")),
        ("JPY", 1, Decimal(280050)),
    ]
    assert found.currencies[0].unrealized_pnl == Decimal("14.50")


def test_the_base_currency_adds_what_has_a_rate() -> None:
    found = totals([held("USD", "1000"), held("GBP", "100"), held("JPY", "10000")], RATES)
    [base] = found.bases
    assert (base.base_currency, base.market_value) == ("USD", Decimal(1000 + 133 + 64))
    assert (base.without_rate, base.without_value) == ((), 0)
    assert base.oldest_rate_at == at(-20)


def test_a_currency_without_a_rate_is_named_and_in_no_sum() -> None:
    found = totals([held("USD", "1000"), held("SEK", "500", "5")], RATES)
    [base] = found.bases
    assert (base.market_value, base.without_rate, base.without_value) == (
        Decimal(1000),
        ("SEK",),
        1,
    )
    assert (base.unrealized_pnl, base.without_pnl) == (Decimal(0), 1)


def test_an_unknown_value_is_counted_not_added_as_zero() -> None:
    found = totals([held("USD", None, None), held("USD", "5", None)], RATES)
    [dollars] = found.currencies
    assert (dollars.market_value, dollars.without_value, dollars.without_pnl) == (Decimal(5), 1, 2)


def test_without_any_rate_the_currencies_are_added_up_all_the_same() -> None:
    found = totals([held("USD", "5"), held("EUR", "7")], Rates())
    assert [one.market_value for one in found.currencies] == [7, 5]
    assert (found.bases, found.without_base) == ((), 2)


def test_accounts_with_different_bases_are_not_added_up() -> None:
    rates = Rates([rate("EUR", "1.16"), rate("USD", "0.86", "EUR", "DU2")])
    found = totals([held("EUR", "100"), held("USD", "100", account="DU2/Growth")], rates)
    assert [(one.base_currency, one.market_value) for one in found.bases] == [
        ("EUR", Decimal(86)),
        ("USD", Decimal(116)),
    ]


def test_the_newest_rate_counts_whatever_comes_last() -> None:
    rates = Rates([rate("EUR", "1.2", seconds=5), rate("EUR", "1.1")])
    assert rates.in_base(ACCOUNT, "EUR", Decimal(10)) == 12


def test_a_rate_to_an_earlier_base_currency_is_none() -> None:
    """The account's base was changed; TWS has not given all rates to the new one yet."""
    rates = Rates([rate("GBP", "1.33"), rate("USD", "0.86", "EUR", seconds=9)])
    assert rates.base_of(ACCOUNT) == "EUR"
    assert rates.in_base(ACCOUNT, "GBP", Decimal(10)) is None
    assert rates.in_base(ACCOUNT, "EUR", Decimal(10)) == 10


money = st.none() | st.decimals(-(10**9), 10**9, places=8)
CURRENCIES = ("USD", "GBP", "JPY", "SEK")


@given(st.lists(st.builds(held, st.sampled_from(CURRENCIES), money, money), max_size=20))
def test_sums_are_those_of_fractions(holdings: list[Holding]) -> None:
    """Whatever is held: all that is known is added, exactly, and all that is not is counted."""
    found = totals(holdings, RATES)
    assert sum(one.holdings for one in found.currencies) == len(holdings)
    for total in found.currencies:
        values = [one.market_value for one in holdings if one.currency == total.currency]
        known = [Fraction(value) for value in values if value is not None]
        assert Fraction(total.market_value) == sum(known)
        assert total.without_value == len(values) - len(known)
    for base in found.bases:
        rates = {"USD": Fraction(1), "GBP": Fraction("1.33"), "JPY": Fraction("0.0064")}
        exact = sum(
            Fraction(one.market_value) * rates[one.currency]
            for one in holdings
            if one.market_value is not None and one.currency in rates
        )
        assert abs(Fraction(base.market_value) - exact) <= Fraction(1, 2 * 10**8)
        lacking = [one for one in holdings if in_base(one, RATES) is None]
        assert base.without_value == len(lacking)


def test_rates_are_listed_by_account_and_currency() -> None:
    assert [one.currency for one in RATES.all()] == ["GBP", "JPY", "USD"]
    assert RATES.all()[2].observed_at == NOON
