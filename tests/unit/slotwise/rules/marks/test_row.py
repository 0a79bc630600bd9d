"""Rows of marks: as exact as the band is worth, and what is unknown stays unknown."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.rules.marks.black76 import Greeks
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.row import SHARE, mark_row, rounded_mark
from tests.support.values import NOON

AT_S = 1_000_000.0
GREEKS = Greeks(iv=0.2134567, delta=-0.4567891, gamma=0.00123456, vega=45.678912, theta=-0.0567891)

prices = st.floats(-1e6, 1e6)
bands = st.floats(1e-6, 1e6)


@given(prices, bands)
def test_a_rounded_mark_is_off_by_a_hundredth_of_its_band_at_most(
    value: float, band: float
) -> None:
    rounded = rounded_mark(value, band)
    assert rounded is not None
    assert abs(rounded - value) <= SHARE * band + 1e-9


def test_a_mark_has_no_digits_that_its_band_is_not_worth() -> None:
    assert rounded_mark(4321.987654321, 25.0) == 4322.0
    assert rounded_mark(2.123456789, 0.05) == 2.1235
    assert rounded_mark(2.5, 0.0) == 2.5
    assert rounded_mark(2.5, None) == 2.5


@pytest.mark.parametrize("value", [None, nan, float("inf")])
def test_an_unknown_mark_stays_unknown(value: float | None) -> None:
    assert rounded_mark(value, 0.1) is None


def test_a_row_has_the_age_of_each_part_and_greeks_in_the_units_of_quotes() -> None:
    mark = Mark(7, AT_S, 2.5, 0.123456, "model", AT_S - 61.27, AT_S - 75.0, AT_S - 1.0, GREEKS)
    row = mark_row(mark, NOON)
    assert (row.con_id, row.at, row.mark, row.band, row.source) == (7, NOON, 2.5, 0.123, "model")
    assert (row.age_s, row.greeks_age_s, row.underlying_age_s) == (61.3, 75.0, 1.0)
    assert (row.iv, row.delta, row.gamma) == (0.213, -0.457, 0.00123)
    assert (row.vega, row.theta) == (0.457, -0.0568)


def test_a_row_of_an_unknown_mark_says_so_in_every_column() -> None:
    row = mark_row(Mark(7, AT_S), NOON)
    assert row.source == "none"
    known = {"con_id", "at", "source"}
    assert all(getattr(row, name) is None for name in set(row.__struct_fields__) - known)
