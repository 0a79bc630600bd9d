"""Times and prices are written in few characters, and never wrongly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from slotwise.formatting import rough_duration
from tests.support.values import NOON, at
from workers.screen.words import clock, of_planned, price


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5.0, "0 s"),
        (0.9, "0 s"),
        (119.9, "119 s"),
        (120.0, "2 min"),
        (7199.0, "119 min"),
        (7200.0, "2 h 0 min"),
        (13_620.0, "3 h 47 min"),
        (172_800.0, "2 d 0 h"),
        (270_000.0, "3 d 3 h"),
    ],
)
def test_how_long(seconds: float, text: str) -> None:
    assert rough_duration(seconds) == text


@pytest.mark.parametrize(
    ("taken", "planned", "text"),
    [(4.0, 5.0, "4 of 5 s"), (70.0, 240.0, "70 s of 4 min"), (240.0, 70.0, "4 min of 70 s"),
     (4.0, None, "4 s")],
)  # fmt: skip
def test_how_long_beside_the_plan(taken: float, planned: float | None, text: str) -> None:
    assert of_planned(taken, planned) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), ("12", "12.00"), ("12.345", "12.345"), ("1.083450", "1.08345"),
     ("-0.05", "-0.05"), ("1E+3", "1000.00"), ("0", "0.00")],
)  # fmt: skip
def test_a_price_has_two_places_or_as_many_as_it_needs(value: str | None, text: str) -> None:
    assert price(None if value is None else Decimal(value)) == text


def test_a_time_of_another_day_has_its_day() -> None:
    assert clock(at(-60), NOON) == "11:59:00"
    assert clock(at(-86_400), NOON) == "05-31 12:00:00"
