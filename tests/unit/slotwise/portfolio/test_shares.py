"""A holding that strategies share is a row of each, and one holding in all sums."""

from __future__ import annotations

from decimal import Decimal

import pytest

from slotwise.exchange_rates import Rates
from slotwise.portfolio.build import portfolio_rows
from slotwise.portfolio.grouping import Group, Portfolio, portfolio, with_account_names
from slotwise.portfolio.price import Price
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.selection import Selection, selected
from slotwise.portfolio.shares import divided
from slotwise.portfolio.sums import MEASURES
from slotwise.position import Position
from tests.support.values import NOON, contract, option, position

OWNERS = {1: ("condor", "put"), 2: ("put",)}
QUANTITIES = {1: {"condor": Decimal(-2), "put": Decimal(-1)}}
PRICE = Price(
    value=Decimal("2.5"), source="mid", observed_at=NOON,
    delta=Decimal("-0.25"), gamma=Decimal("0.01"), vega=Decimal("0.5"), theta=Decimal("-0.125"),
)  # fmt: skip


def priced(value: int) -> Price:
    return Price(value=Decimal(value), source="mid", observed_at=NOON)


def numbers(*values: Decimal | None) -> list[float | None]:
    """Return decimals as plain numbers."""
    return [None if value is None else float(value) for value in values]


def rows(*held: Position) -> list[PortfolioRow]:
    """Value holdings of option 1, on share 9, and of share 2."""
    return portfolio_rows(
        held,
        {1: PRICE, 2: priced(10), 9: priced(600)},
        at=NOON,
        underlying_of=lambda con_id: 9 if con_id == 1 else None,
        strategies=OWNERS,
        quantities=QUANTITIES,
    )


def put(quantity: int, account: str = "DU1") -> Position:
    return position(1, quantity, account=account, contract=option(1), avg_cost=Decimal(200))


def by_strategy(found: list[PortfolioRow]) -> Portfolio:
    return portfolio(found, Rates(), NOON, ("strategy",))


def group(found: Portfolio, name: str) -> Group:
    [one] = [group for group in found.total.groups if group.path == (name,)]
    return one


def test_each_strategy_has_the_money_and_greeks_of_its_own_quantity() -> None:
    found = by_strategy(rows(put(-5), position(2, 7, contract=contract(2))))
    of = {name: group(found, name) for name in ("condor", "put", "unassigned")}
    assert [row.quantity for row in of["condor"].rows] == [-2]
    assert sorted(row.quantity for row in of["put"].rows) == [-1, 7]
    assert [row.quantity for row in of["unassigned"].rows] == [-2]
    [usd] = of["condor"].currencies
    assert usd.market_value.total == -500
    assert usd.unrealized_pnl.total == -100
    assert usd.dollar_delta.total == 30_000
    assert numbers(usd.vega.total, usd.theta.total) == [-100.0, 25.0]


def test_shares_add_up_and_count_as_one_holding_in_the_sums_above() -> None:
    made = rows(put(-5), position(2, 7, contract=contract(2)))
    found, plain = by_strategy(made), portfolio(made, Rates(), NOON)
    [total], [wanted] = found.total.currencies, plain.total.currencies
    assert (total.holdings, total.priced) == (wanted.holdings, wanted.priced) == (2, 2)
    for name in MEASURES:
        whole = wanted.amount(name)
        assert total.amount(name) == whole
        parts = [one.currencies[0].amount(name).total for one in found.total.groups]
        assert sum(parts) == pytest.approx(whole.total)


def test_other_groupings_keep_the_holding_whole() -> None:
    found = portfolio(rows(put(-5)), Rates(), NOON, ("underlying",))
    assert [row.quantity for row in found.total.groups[0].rows] == [-5]
    nested = portfolio(rows(put(-5)), Rates(), NOON, ("underlying", "strategy"))
    [spy] = nested.total.groups
    assert {one.path[-1] for one in spy.groups} == {"condor", "put", "unassigned"}
    assert spy.currencies[0].holdings == 1


def test_without_quantities_the_most_important_strategy_has_it_all() -> None:
    made = portfolio_rows([put(-5)], {1: PRICE}, at=NOON, strategies=OWNERS)
    assert [row.shares for row in made] == [()]
    assert list(divided(made)) == made
    assert group(by_strategy(made), "condor").rows == tuple(made)


def test_a_selection_of_a_strategy_shows_its_share_alone() -> None:
    made = rows(put(-5))
    [one] = selected(made, Selection(strategies=("put",)))
    assert one.strategy == "put"
    assert numbers(one.quantity, one.market_value) == [-1.0, -250.0]
    [rest] = selected(made, Selection(strategies=("unassigned",)))
    assert rest.quantity == -2
    both = selected(made, Selection(strategies=("put", "condor")))
    assert [one.currencies[0].holdings for one in by_strategy(both).total.groups] == [1, 1]


def test_several_accounts_fill_the_shares_together_and_are_masked_apart() -> None:
    found = by_strategy(rows(put(-1, "DU1"), put(-4, "DU2")))
    one, other = group(found, "condor").rows
    assert {one.account, other.account} == {"DU1", "DU2"}
    assert numbers(one.quantity, other.quantity) == [-1.0, -1.0]
    shown = with_account_names(found, lambda account: f"...{account[-1]}")
    assert {row.account for row in group(shown, "condor").rows} == {"...1", "...2"}
    assert [row.quantity for row in shown.total.rows] == [-1, -4]


def test_what_is_not_known_of_a_holding_is_not_known_of_its_shares() -> None:
    made = portfolio_rows([put(-5)], {}, at=NOON, strategies=OWNERS, quantities=QUANTITIES)
    assert {row.market_value for row in divided(made)} == {None}
