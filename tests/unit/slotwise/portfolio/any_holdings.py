"""Any holdings of mixed kinds and currencies, and an oracle of their money in exact fractions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import msgspec
from hypothesis import strategies as st

from slotwise.contract import Contract
from slotwise.portfolio.opening import Opening
from slotwise.portfolio.price import Price
from slotwise.portfolio.sums import MEASURES
from slotwise.position import Position
from tests.support.values import at

OPTIONS = ("OPT", "FOP", "WAR")
KINDS = (*OPTIONS, "STK", "FUT", "BOND", "CASH")
CURRENCIES = ("USD", "GBP", "JPY")


class Case(msgspec.Struct, frozen=True):
    """One holding with all that its row is made of."""

    position: Position
    price: Price
    underlying: Decimal | None
    opening: Opening | None
    strategies: tuple[str, ...]


def number(low: int, high: int, places: int = 3) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


def maybe(of: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Decimal | None]:
    return st.one_of(st.none(), of, of, of)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    kind = draw(st.sampled_from(KINDS))
    contract = Contract(
        con_id=draw(st.integers(1, 10**6)),
        symbol=draw(st.sampled_from(("SPY", "ES", "GAW"))),
        sec_type=kind,
        expiry=draw(st.sampled_from(("20261218", "202612"))) if kind in OPTIONS else "",
        multiplier=draw(st.sampled_from((Decimal(1), Decimal(100), Decimal("0.1")))),
        currency=draw(st.sampled_from(CURRENCIES)),
        price_magnifier=draw(st.sampled_from((None, 1, 1, 100))),
    )
    quantity = draw(number(-500, 500, 1).filter(bool))
    value = draw(maybe(number(-50, 900)))
    same = st.just(quantity)
    opening = st.builds(
        Opening, quantity=st.one_of(same, number(-500, 500, 1)), avg_cost=maybe(number(0, 900))
    )
    greek = maybe(number(-2, 2, 6))
    return Case(
        position=Position(
            account=draw(st.sampled_from(("DU1", "DU2/Growth"))),
            contract=contract,
            quantity=quantity,
            avg_cost=draw(maybe(number(0, 90_000))),
            observed_at=at(0),
        ),
        price=Price(
            value=value,
            source="none" if value is None else "mid",
            observed_at=at(-draw(st.integers(0, 500))),
            close=draw(maybe(number(0, 900))),
            delta=draw(greek),
            gamma=draw(greek),
            vega=draw(greek),
            theta=draw(greek),
        ),
        underlying=draw(maybe(number(1, 6000))),
        opening=draw(st.one_of(st.none(), opening)),
        strategies=draw(st.sampled_from(((), ("condor",), ("put", "condor")))),
    )


def units(contract: Contract) -> Fraction | None:
    """Money for a quantity of 1 at a price of 1."""
    if contract.price_magnifier is None:
        return None
    if contract.sec_type == "BOND":
        par = 1000 if contract.multiplier == 1 else contract.multiplier
        return Fraction(par) / 100 / contract.price_magnifier
    return Fraction(contract.multiplier) / contract.price_magnifier


def times(*numbers: Decimal | Fraction | None) -> Fraction | None:
    """Multiply, unless a number is unknown."""
    product = Fraction(1)
    for one in numbers:
        if one is None:
            return None
        product *= Fraction(one)
    return product


def minus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def expected(case: Case) -> dict[str, Fraction | None]:
    """Compute every measure of one holding by its definition."""
    position, price = case.position, case.price
    q, unit = Fraction(position.quantity), units(position.contract)
    worth = times(q, price.value, unit)
    found: dict[str, Fraction | None] = {
        "market_value": worth,
        "unrealized_pnl": minus(worth, times(q, position.avg_cost)),
        "day_pnl": expected_day(case, unit),
    }
    if position.contract.sec_type in OPTIONS:
        under = case.underlying
        found["dollar_delta"] = times(q, price.delta, under, unit)
        found["gamma"] = times(q, price.gamma, under, under, Fraction(1, 100), unit)
        found["vega"] = times(q, price.vega, unit)
        found["theta"] = times(q, price.theta, unit)
    else:
        found |= {"dollar_delta": worth, "gamma": Fraction(0)}
        found |= {"vega": Fraction(0), "theta": Fraction(0)}
    return found


def expected_day(case: Case, unit: Fraction | None) -> Fraction | None:
    """Follow the cash: value now, less value at the close, less what was paid meanwhile."""
    if case.opening is None:
        return None
    then, now = Fraction(case.opening.quantity), Fraction(case.position.quantity)
    if abs(now) < abs(then) or then * now < 0:
        return None
    worth = times(now, case.price.value, unit)
    before = times(then, case.price.close, unit) if then else Fraction(0)
    if now == then:
        return minus(worth, before)
    spent = times(now, case.position.avg_cost)
    spent_before = times(then, case.opening.avg_cost) if then else Fraction(0)
    return minus(minus(worth, before), minus(spent, spent_before))


def expected_sums(
    cases: Iterable[Case], rate_of: dict[str, Fraction | None]
) -> dict[str, tuple[Fraction, int]]:
    """Add known numbers up, converted; count the others. A zero needs no rate."""
    sums = {name: (Fraction(0), 0) for name in MEASURES}
    for case in cases:
        rate = rate_of[case.position.contract.currency]
        for name, value in expected(case).items():
            total, without = sums[name]
            if value is None or (value and rate is None):
                sums[name] = (total, without + 1)
            elif value and rate is not None:
                sums[name] = (total + value * rate, without)
    return sums
