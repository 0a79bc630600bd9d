"""Amounts, quantities and prices as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.formatting import money

amounts = st.decimals(Decimal(-(10**9)), Decimal(10**9), places=6)


@pytest.mark.parametrize(
    ("value", "text"),
    [("-0.004", "0.00"), ("-0.00", "0.00"), ("-0.006", "-0.01"), ("-1234567.891", "-1,234,567.89")],
)
def test_an_amount_is_written_to_the_cent(value: str, text: str) -> None:
    """What is rounded to nothing has no sign."""
    assert money(Decimal(value)) == text


@given(amounts)
def test_an_amount_is_never_further_off_than_half_a_cent(value: Decimal) -> None:
    text = money(value)
    assert abs(Decimal(text.replace(",", "")) - value) <= Decimal("0.005")
    assert not text.startswith("-0.00")
