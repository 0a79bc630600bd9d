"""Rows and sums of the portfolio against exact fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.portfolio.data import groups_table, portfolio_data
from slotwise.portfolio.grouping import GROUPINGS, Group, portfolio
from slotwise.portfolio.row import PortfolioRow, portfolio_row
from slotwise.portfolio.sums import MEASURES, Sums
from slotwise.portfolio.underlying import Underlying
from tests.support.values import NOON
from tests.unit.slotwise.portfolio.any_holdings import (
    CURRENCIES,
    Case,
    cases,
    expected,
    expected_sums,
)

#: Half of the last decimal of money.
HALF = Fraction(1, 2 * 10**8)


def row(case: Case) -> PortfolioRow:
    return portfolio_row(
        case.position,
        case.price,
        underlying=None if case.underlying is None else Underlying(case.underlying),
        strategies=case.strategies,
        opening=case.opening,
    )


def rates(**values: str) -> Rates:
    return Rates(
        ExchangeRate(
            account=account,
            currency=currency,
            base_currency="USD",
            rate=Decimal(value),
            observed_at=NOON,
        )
        for account in ("DU1", "DU2")
        for currency, value in {"USD": "1", **values}.items()
    )


def check(sums: Sums, wanted: dict[str, tuple[Fraction, int]]) -> None:
    for name in MEASURES:
        amount = sums.amount(name)
        assert amount.without == wanted[name][1], name
        assert abs(Fraction(amount.total) - wanted[name][0]) <= HALF, name


@given(cases())
def test_each_measure_of_a_row_is_its_definition(case: Case) -> None:
    made = row(case)
    for name, value in expected(case).items():
        found = getattr(made, name)
        assert (found is None) == (value is None), name
        assert value is None or abs(Fraction(found) - value) <= HALF, name


@given(st.lists(cases(), max_size=20))
def test_sums_by_currency_are_exact_and_count_what_they_lack(some: list[Case]) -> None:
    total = portfolio(map(row, some), Rates(), NOON).total
    found = {sums.currency: sums for sums in total.currencies}
    assert set(found) == {case.position.contract.currency for case in some}
    for currency, sums in found.items():
        of = [case for case in some if case.position.contract.currency == currency]
        check(sums, expected_sums(of, {currency: Fraction(1)}))
        priced = [case.price for case in of if case.price.value is not None]
        assert (sums.holdings, sums.priced) == (len(of), len(priced))
        assert sums.oldest_price_at == min(
            (price.observed_at for price in priced if price.observed_at), default=None
        )


@given(st.lists(cases(), min_size=1, max_size=20), st.sampled_from((None, "0.0064")))
def test_sums_in_the_base_currency_convert_and_count_what_has_no_rate(
    some: list[Case], yen: str | None
) -> None:
    known = {"GBP": "1.3333333", **({} if yen is None else {"JPY": yen})}
    [sums] = portfolio(map(row, some), rates(**known), NOON).total.bases
    factors = {name: Fraction(known[name]) if name in known else None for name in CURRENCIES}
    check(sums, expected_sums(some, factors | {"USD": Fraction(1)}))
    assert sums.holdings == len(some)
    lacking = yen is None and any(c.position.contract.currency == "JPY" for c in some)
    assert sums.without_rate == (("JPY",) if lacking else ())


@given(
    st.lists(cases(), max_size=20),
    st.permutations(sorted(GROUPINGS)).map(lambda names: tuple(names[:2])),
)
def test_groups_of_two_levels_hold_each_row_once_and_add_up(
    some: list[Case], by: tuple[str, ...]
) -> None:
    total = portfolio(map(row, some), rates(GBP="1.3"), NOON, by).total
    leaves = [leaf for group in total.groups for leaf in group.groups]
    assert sorted(r.key for leaf in leaves for r in leaf.rows) == sorted(r.key for r in total.rows)
    for leaf in leaves:
        assert {tuple(GROUPINGS[name](r) for name in by) for r in leaf.rows} == {leaf.path}
    for parent in (total, *total.groups):
        if parent.groups:
            assert added(parent.groups) == whole(parent)


def added(groups: tuple[Group, ...]) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for group in groups:
        for sums in group.currencies:
            before = counts.get(sums.currency, (0, 0))
            counts[sums.currency] = (
                before[0] + sums.holdings,
                before[1] + sums.market_value.without,
            )
    return counts


def whole(group: Group) -> dict[str, tuple[int, int]]:
    return {sums.currency: (sums.holdings, sums.market_value.without) for sums in group.currencies}


@given(st.lists(cases(), max_size=5))
def test_a_sum_of_which_nothing_is_known_is_null_in_json_and_tables(some: list[Case]) -> None:
    """A 0 there would be a number that nothing says."""
    found = portfolio(map(row, some), rates(GBP="1.3"), NOON, ("underlying",))
    data, table = portfolio_data(found), groups_table(found).to_pylist()
    lines = [(one, {name: one[name]["total"] for name in MEASURES}) for one in data["currencies"]]
    lines += [(one, {name: one[name]["total"] for name in MEASURES}) for one in data["bases"]]
    of_all = [one for one in table if one["level"] == 0]
    assert [[one[name] for name in MEASURES] for one in of_all] == [
        list(totals.values()) for _, totals in lines
    ]
    for one, totals in lines:
        for name, total in totals.items():
            assert (total is None) == (0 < one["holdings"] <= one[name]["without"])
