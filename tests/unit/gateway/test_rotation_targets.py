"""Which holdings are quoted more often: those worth much, compared in one currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.position import Position
from tests.support.values import ACCOUNT, NOON, contract, position
from workers.gateway.lines.rotation_targets import (
    LARGE_WEIGHT,
    UNDERLYING_S,
    UNDERLYINGS_PER_S,
    targets_of,
)

TODAY = date(2026, 6, 1)


def held(con_id: int, cost: str | None, currency: str = "USD") -> Position:
    return position(
        con_id,
        10,
        contract=contract(con_id, currency=currency),
        avg_cost=None if cost is None else Decimal(cost),
    )


def large(positions: list[Position], rates: Rates | None = None) -> set[int]:
    """Name the contracts whose weight is that of much worth."""
    targets = targets_of(positions, {}, (), 15.0, TODAY, rates=rates)
    assert targets.keys() == {one.contract.con_id for one in positions}
    return {con_id for con_id, target in targets.items() if target.weight == LARGE_WEIGHT}


def rates(**by_currency: str) -> Rates:
    return Rates(
        ExchangeRate(
            account=ACCOUNT,
            currency=currency,
            base_currency="USD",
            rate=Decimal(rate),
            observed_at=NOON,
        )
        for currency, rate in by_currency.items()
    )


def test_worth_is_compared_in_the_base_currency() -> None:
    """2,800 yen are 18 dollars: by its number alone the share would be the largest by far."""
    shares = [held(1, "2800", "JPY"), held(2, "15"), held(3, "15"), held(4, "200")]
    assert large(shares, rates(JPY="0.0064")) == {4}


def test_currencies_without_a_rate_are_compared_within_themselves() -> None:
    yen = [held(n, "2000", "JPY") for n in (1, 2, 3)] + [held(4, "30000", "JPY")]
    dollars = [held(n, "10") for n in (5, 6, 7)] + [held(8, "150")]
    assert large(yen + dollars) == {4, 8}
    assert large(yen + dollars, rates(EUR="1.16")) == {4, 8}


def test_a_cost_that_is_unknown_makes_nothing_large_and_is_in_no_mean() -> None:
    known = [held(n, "10") for n in (1, 2, 3)] + [held(4, "50")]
    assert large(known) == {4}
    unknown = [held(n, None) for n in range(10, 40)]
    assert large(known + unknown) == {4}


def test_a_contract_of_several_accounts_is_worth_all_of_it_together() -> None:
    others = [held(n, "10") for n in (1, 2, 3, 4)]
    twice = [position(5, 10, account=account, avg_cost=Decimal(20)) for account in ("DU1", "DU2")]
    assert large(others + twice) == {5}
    assert large(others + twice[:1]) == set()


def test_underlyings_of_held_options_are_quoted_often_whether_held_or_not() -> None:
    held_one = held(1, "15")
    targets = targets_of([held_one], {}, (), 15.0, TODAY, underlyings={1, 2})
    assert [targets[con_id].bound_s for con_id in (1, 2)] == [UNDERLYING_S] * 2


def test_many_underlyings_leave_quotes_to_the_options_themselves() -> None:
    many = range(1, 501)
    targets = targets_of([], {}, (), 15.0, TODAY, underlyings=many)
    assert {target.bound_s for target in targets.values()} == {500 / UNDERLYINGS_PER_S}


def test_an_underlying_that_is_watched_is_quoted_as_often_as_either_asks() -> None:
    targets = targets_of([], {}, (1, 2), 15.0, TODAY, underlyings={1})
    assert [targets[con_id].bound_s for con_id in (1, 2)] == [UNDERLYING_S, 15.0]
