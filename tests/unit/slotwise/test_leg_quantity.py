"""A leg with the quantity that a strategy holds of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import InputError
from slotwise.leg import Leg, read_leg
from slotwise.leg_quantity import (
    SharedLeg,
    quantities_of,
    quantity_words,
    read_shared_leg,
    read_shared_legs,
)

PUT = read_leg("SPY 20261218 P 560")


@pytest.mark.parametrize(
    ("text", "leg", "quantity"),
    [
        ("SPY 20261218 P 560 x -2", PUT, "-2"),
        ("spy 20261218 p 560 x-2", PUT, "-2"),
        ("SPY 20261218 P 560 X +3", PUT, "3"),
        ("761 x 10", Leg(con_id=761), "10"),
        ("761 x 0.5", Leg(con_id=761), "0.5"),
        ('"BRK B" x 4', read_leg('"BRK B"'), "4"),
        ("SPY 20261218 P 560", PUT, None),
        ("SPX 20261218 P X 560", read_leg("SPX 20261218 P X 560"), None),
        ("X", read_leg("X"), None),
    ],
)
def test_a_quantity_stands_behind_x(text: str, leg: Leg, quantity: str | None) -> None:
    assert read_shared_leg(text) == SharedLeg(leg, None if quantity is None else Decimal(quantity))


@pytest.mark.parametrize("text", ["761 x", "761 x two", "761 x --2", "761 x 0", "761 x -0.0"])
def test_what_is_no_quantity_is_refused_in_words(text: str) -> None:
    with pytest.raises(InputError, match=r"quantity|signed number"):
        read_shared_leg(text)


def test_legs_with_and_without_quantities_stand_in_one_text() -> None:
    legs = read_shared_legs("SPY 20261218 P 560 x -2, 761 # a remark x 3\n762 x 1")
    assert [one.quantity for one in legs] == [Decimal(-2), None, Decimal(1)]
    with pytest.raises(InputError, match="no leg"):
        read_shared_legs(" ,\n")


def test_a_contract_that_is_named_twice_has_the_sum() -> None:
    assert quantities_of([(1, Decimal(2)), (1, Decimal(-3)), (2, None)]) == {1: Decimal(-1)}
    with pytest.raises(InputError, match="with a quantity and without"):
        quantities_of([(1, Decimal(2)), (1, None)])
    with pytest.raises(InputError, match="come to 0"):
        quantities_of([(1, Decimal(2)), (1, Decimal(-2))])


@given(st.integers(1, 2**31 - 1), st.decimals("-99999", "99999", places=2).filter(bool))
def test_what_is_written_is_read_back(con_id: int, quantity: Decimal) -> None:
    written = quantity_words(con_id, {con_id: quantity})
    assert read_shared_leg(written) == SharedLeg(Leg(con_id=con_id), quantity)
    assert quantity_words(con_id, {}) == str(con_id)
