"""Skew stickiness is learnt from quotes, within its bounds; smiles give the slope."""

from __future__ import annotations

import random
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.rules.marks.smile import fit_smile
from slotwise.rules.marks.stickiness import FIRST, HIGHEST, LOWEST, Stickiness


def test_stickiness_begins_with_what_is_usual() -> None:
    assert Stickiness().value == FIRST


@pytest.mark.parametrize("true", [0.2, 1.0, 1.8])
def test_stickiness_is_learnt(true: float) -> None:
    rng, learnt = random.Random(3), Stickiness()
    for _ in range(3000):
        along = rng.gauss(0.0, 0.001)
        moved = (true - 1.0) * along + rng.gauss(0.0, 0.0005)
        learnt = learnt.learn(along, moved, 0.2, 2000.0)
    assert learnt.value == pytest.approx(true, abs=0.15)


@given(
    changes=st.lists(
        st.tuples(st.floats(-0.5, 0.5), st.floats(-5.0, 5.0), st.floats(0.01, 5.0)), max_size=50
    )
)
def test_stickiness_stays_within_its_bounds(changes: list[tuple[float, float, float]]) -> None:
    learnt = Stickiness()
    for along, moved, iv in changes:
        learnt = learnt.learn(along, moved, iv, 1000.0)
        assert LOWEST <= learnt.value <= HIGHEST


def test_smile_of_a_parabola_has_its_slopes() -> None:
    spot = 3200.0
    points = [
        (strike, 0.14 - 0.7 * log(strike / spot) + 2.0 * log(strike / spot) ** 2, 500.0)
        for strike in range(3000, 3401, 20)
    ]
    smile = fit_smile(points, spot)
    assert smile is not None
    assert smile.slope_at(spot, spot) == pytest.approx(-0.7)
    assert smile.slope_at(3100.0, spot) == pytest.approx(-0.7 + 4.0 * log(3100.0 / spot))


def test_smile_of_few_strikes_is_unknown() -> None:
    assert fit_smile([(100.0, 0.2, 10.0)] * 6, 100.0) is None
    assert fit_smile([(100.0, 0.2, 10.0)] * 20, 100.0) is None
    assert fit_smile([], 100.0) is None
