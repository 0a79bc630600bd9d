"""Stakes: money that a price's move by one as quoted is worth, compared in one currency."""

from __future__ import annotations

from decimal import Decimal

from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.rules.stakes import common_currency, stakes_of
from tests.support.values import NOON, contract, position


def rates(account: str = "DU1", base: str = "USD", **by_currency: str) -> list[ExchangeRate]:
    return [
        ExchangeRate(
            account=account,
            currency=currency,
            base_currency=base,
            rate=Decimal(rate),
            observed_at=NOON,
        )
        for currency, rate in by_currency.items()
    ]


def test_a_stake_is_the_quantity_times_the_multiplier_by_the_magnifier() -> None:
    held = [
        position(1, 3, contract=contract(1, sec_type="OPT", multiplier=Decimal(100))),
        position(2, -50),
        position(
            3,
            2,
            contract=contract(3, sec_type="FUT", multiplier=Decimal(5000), price_magnifier=100),
        ),
        position(4, 7, contract=contract(4, sec_type="BOND", multiplier=Decimal(1))),
    ]
    # A bond is quoted in percent of 1,000.
    assert stakes_of(held, Rates()) == {1: 300.0, 2: 50.0, 3: 100.0, 4: 70.0}


def test_what_accounts_hold_of_a_contract_counts_together_whichever_way() -> None:
    held = [position(1, 10, account="DU1"), position(1, -4, account="DU2")]
    assert stakes_of(held, Rates()) == {1: 14.0}


def test_stakes_are_compared_in_the_currency_of_most_holdings() -> None:
    known = Rates(rates(USD="1", JPY="0.0064", EUR="1.1"))
    held = [
        position(1, 10),
        position(2, 1000, contract=contract(2, currency="JPY")),
        position(3, 10, contract=contract(3, currency="EUR")),
    ]
    assert common_currency(held, known) == "USD"
    assert stakes_of(held, known) == {1: 10.0, 2: 6.4, 3: 11.0}


def test_a_currency_without_a_rate_makes_a_stake_unknown_and_not_equal() -> None:
    held = [position(1, 10), position(2, 1000, contract=contract(2, currency="JPY"))]
    assert stakes_of(held, Rates(rates(USD="1"))) == {1: 10.0}


def test_without_any_rate_the_commonest_currency_is_compared() -> None:
    euros = [position(n, 10, contract=contract(n, currency="EUR")) for n in (1, 2)]
    assert stakes_of([*euros, position(3, 5)], Rates()) == {1: 10.0, 2: 10.0}


def test_accounts_with_another_base_are_converted_by_one_that_has_a_rate() -> None:
    known = Rates([*rates("DU1", "USD", USD="1", EUR="1.1"), *rates("DU2", "EUR", EUR="1")])
    held = [
        position(1, 10, account="DU1"),
        position(2, 10, account="DU1"),
        position(3, 10, account="DU2", contract=contract(3, currency="EUR")),
    ]
    assert stakes_of(held, known) == {1: 10.0, 2: 10.0, 3: 11.0}


def test_a_magnifier_that_is_not_known_yet_makes_a_stake_unknown() -> None:
    held = [position(1, 10, contract=contract(1, price_magnifier=None)), position(2, 1)]
    assert stakes_of(held, Rates()) == {2: 1.0}


def test_nothing_held_has_no_stake() -> None:
    assert stakes_of([], Rates()) == {}
    assert stakes_of([position(1, 0)], Rates()) == {}
