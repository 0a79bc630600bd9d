"""Units of two prices of one thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.rules.price_units import NEAR, UNITS, unit_between


@pytest.mark.parametrize(
    ("computed", "quoted", "unit"),
    [
        (100.0, 100.0, 1.0),
        (108.0, 100.0, 1.0),
        (0.70, 70.1, 0.01),
        (70.0, 0.72, 100.0),
        (7.8, 1.0, None),
        (140.0, 100.0, None),
        (-1.27, -1.25, 1.0),
        (0.0, 100.0, None),
        (100.0, 0.0, None),
        (100.0, -1.25, None),
    ],
)
def test_unit_between_is_one_a_hundredfold_or_unknown(
    computed: float, quoted: float, unit: float | None
) -> None:
    """An option on a share in pence; a forward; and what is another currency or thing."""
    assert unit_between(computed, quoted) == unit


@given(
    price=st.floats(0.01, 1e5), moved=st.floats(1.001 / NEAR, NEAR / 1.001),
    unit=st.sampled_from(UNITS),
)  # fmt: skip
def test_unit_between_finds_the_unit_however_the_price_moved(
    price: float, moved: float, unit: float
) -> None:
    assert unit_between(price * unit, price * moved) == unit
