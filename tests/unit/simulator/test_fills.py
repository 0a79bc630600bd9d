"""What fills do to positions and money."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tws_simulator.book.commission import added, commission
from tws_simulator.book.fills import Fill, after
from tws_simulator.instruments.kinds import SecType

FILLS = st.lists(
    st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 900), st.integers(0, 3)),
    max_size=14,
)


@pytest.mark.parametrize(
    ("held", "cost", "change", "price", "quantity", "avg_cost", "realized"),
    [
        (0, 0, 100, 10, 100, "10.01", None),
        (100, "10.01", 100, 12, 200, "11.01", None),
        (200, "11.01", -50, 13, 150, "11.01", "98.50"),
        (150, "11.01", -150, 9, 0, 0, "-302.50"),
        (100, 10, -300, 12, -200, "11.996666667", "199.666666667"),
        (-100, 20, 40, 15, -60, 20, "199"),
        (-100, 20, -100, 10, -200, "14.995", None),
    ],
)
def test_costs_and_profits_are_those_of_ib(
    held: int, cost: object, change: int, price: int, quantity: int, avg_cost: object,
    realized: object,
) -> None:  # fmt: skip
    """Each of these was reckoned by hand; a fill costs 1 in all."""
    before = Decimal(held), Decimal(str(cost))
    outcome = after(*before, Fill(Decimal(change), Decimal(price), Decimal(1), Decimal(1)))
    assert outcome.quantity == quantity
    assert outcome.avg_cost is not None
    assert abs(outcome.avg_cost - Decimal(str(avg_cost))) < Decimal("1e-6")
    if realized is None:
        assert outcome.realized is None
    else:
        assert outcome.realized is not None
        assert abs(outcome.realized - Decimal(str(realized))) < Decimal("1e-6")


@given(FILLS)
def test_average_cost_lies_between_the_prices_it_was_opened_at(
    changes: list[tuple[int, int, int]],
) -> None:
    """Without commissions, since what is held was last nothing; and no contract is lost."""
    quantity, cost, prices = Decimal(0), Decimal(0), list[int]()
    for change, price, _ in changes:
        outcome = after(
            quantity, cost, Fill(Decimal(change), Decimal(price), Decimal(1), Decimal(0))
        )
        if not quantity or quantity * outcome.quantity <= 0:
            prices = [price]
        elif abs(outcome.quantity) > abs(quantity):
            prices.append(price)
        assert outcome.avg_cost is not None
        quantity, cost = outcome.quantity, outcome.avg_cost
        if quantity:
            assert min(prices) - Decimal("1e-9") <= cost <= max(prices) + Decimal("1e-9")
        else:
            assert cost == 0
    assert Fraction(quantity) == sum(change for change, _, _ in changes)


@given(FILLS, st.sampled_from((1, 50, 100)))
def test_money_adds_up_after_any_fills(changes: list[tuple[int, int, int]], mult: int) -> None:
    """Cash that came in = realized profit - what the rest has cost: nothing from nothing."""
    quantity, cost, cash, realized = (Decimal(0),) * 4
    for change, price, paid in changes:
        fill = Fill(Decimal(change), Decimal(price), Decimal(mult), Decimal(paid))
        outcome = after(quantity, cost, fill)
        assert outcome.avg_cost is not None
        quantity, cost = outcome.quantity, outcome.avg_cost
        cash += fill.cash
        realized += outcome.realized or 0
    assert abs(cash - (realized - quantity * cost)) < Decimal("1e-9")


@given(st.lists(st.integers(1, 500), min_size=1, max_size=8), st.sampled_from(("STK", "OPT")))
def test_parts_of_an_order_cost_together_what_the_order_costs(
    parts: list[int], kind: SecType
) -> None:
    """The least commission is for an order, not for each of its fills."""
    before, paid = Decimal(0), Decimal(0)
    for part in parts:
        paid += added(kind, before, Decimal(part))
        before += part
    assert paid == commission(kind, before)
