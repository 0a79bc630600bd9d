"""Money of `slotwise positions`: rows in the base currency, and sums in words and as data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from slotwise.exchange_rates import ExchangeRate, Rates
from tests.support.values import ACCOUNT, at
from workers.commands.money import footer, totals_data, with_base


def row(currency: str, value: str | None, gain: str | None = None) -> dict[str, Any]:
    return {
        "account": ACCOUNT,
        "currency": currency,
        "market_value": None if value is None else Decimal(value),
        "unrealized_pnl": None if gain is None else Decimal(gain),
    }


def rates(**by_currency: str) -> Rates:
    return Rates(
        ExchangeRate(
            account=ACCOUNT,
            currency=currency,
            base_currency="USD",
            rate=Decimal(rate),
            observed_at=at(-42),
        )
        for currency, rate in by_currency.items()
    )


ROWS = [row("GBP", "429.5", "14.5"), row("USD", "1101", "101"), row("USD", None), row("SEK", "8")]
RATES = rates(USD="1.00", GBP="1.33")


def test_the_sums_are_shown_below_the_rows_with_what_they_lack() -> None:
    assert footer(ROWS, RATES, at(0)) == [
        "GBP: 1 holding, value 429.50, gain 14.50",
        "SEK: 1 holding, value 8.00, gain 0.00 (without 1 unknown)",
        "USD: 2 holdings, value 1,101.00 (without 1 unknown), gain 101.00 (without 1 unknown)",
        "all in USD: 4 holdings, value 1,672.24 (without 2 unknown), gain 120.28 (without 2"
        " unknown); rates up to 42 s old; no rate of SEK",
    ]


def test_without_rates_the_currencies_are_named() -> None:
    assert footer([row("EUR", "1", "0"), row("USD", "2", "0")], Rates(), at(0)) == [
        "EUR: 1 holding, value 1.00, gain 0.00",
        "USD: 1 holding, value 2.00, gain 0.00",
        "no exchange rates yet for 2 holdings",
    ]
    assert footer([], RATES, at(0)) == []


def test_a_row_has_its_value_in_the_base_currency_and_the_rates_age() -> None:
    found = with_base(ROWS[0], RATES, at(0))
    assert (found["base_currency"], found["market_value_base"]) == ("USD", Decimal("571.235"))
    assert (found["exchange_rate"], found["exchange_rate_age_s"]) == (Decimal("1.33"), 42.0)
    unknown = with_base(ROWS[3], RATES, at(0))
    assert (unknown["base_currency"], unknown["market_value_base"]) == ("USD", None)
    assert (unknown["exchange_rate"], unknown["exchange_rate_age_s"]) == (None, None)


def test_a_rate_of_a_pair_is_named() -> None:
    """By the row, and below the sums."""
    pair = ExchangeRate(
        account=ACCOUNT,
        currency="SEK",
        base_currency="USD",
        rate=Decimal("0.1"),
        observed_at=at(-7),
        source="USD.SEK",
    )
    known = Rates((*RATES.all(), pair))
    sources = [with_base(one, known, at(0))["exchange_rate_source"] for one in ROWS]
    assert sources == ["account values", "account values", "account values", "USD.SEK"]
    assert footer(ROWS, known, at(0))[-1].endswith("; rates up to 42 s old; rates from USD.SEK")


def test_the_sums_are_data_too() -> None:
    data = msgspec.json.decode(msgspec.json.encode(totals_data(ROWS, RATES, at(0))))
    assert [(one["currency"], one["without_value"]) for one in data["currencies"]] == [
        ("GBP", 0),
        ("SEK", 0),
        ("USD", 1),
    ]
    [base] = data["bases"]
    assert (base["market_value"], base["oldest_rate_age_s"]) == ("1672.23500000", 42.0)
    assert (base["without_rate"], data["without_base"]) == (["SEK"], 0)
