"""What executions leave of changes of a quantity."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.reconciliation.executions import QuantityChange, unexplained
from tests.support.executed import execution
from tests.support.values import at

STEPS = st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=8)


def left(changes: list[tuple[float, int]], executions: list[tuple[float, int]]) -> list[int]:
    """Return what is left of changes, given as seconds and quantities."""
    rests = unexplained(
        [QuantityChange(at(seconds), Decimal(quantity)) for seconds, quantity in changes],
        [execution(1, quantity, "1", seconds) for seconds, quantity in executions],
    )
    return [int(rest) for rest in rests]


@pytest.mark.parametrize(
    ("changes", "executions", "rests"),
    [
        ([(10, 5)], [], [5]),
        ([(10, 5)], [(8, 2), (9, 3)], [0]),
        # TWS's clock is ahead.
        ([(10, 5), (40, 1)], [(35, 5), (65, 1)], [0, 0]),
        # One of two is not listed; a transfer beside a trade.
        ([(10, 5)], [(9, 3)], [2]),
        ([(10, 5), (20, -2)], [(9, 5)], [0, -2]),
        ([(10, 5), (20, -2)], [(19, -2)], [5, 0]),
        # Opened and closed between two looks, and traded before what is compared.
        ([(10, 3)], [(1, 2), (2, -2), (9, 3)], [0]),
        ([(10, 3)], [(-500, 7), (9, 3)], [0]),
        # Too late to be of it.
        ([(10, 5)], [(90, 5)], [5]),
    ],
)  # fmt: skip
def test_changes_are_explained_by_the_executions_that_sum_up_to_them(
    changes: list[tuple[float, int]], executions: list[tuple[float, int]], rests: list[int]
) -> None:
    assert left(changes, executions) == rests


@given(STEPS, st.data())
def test_a_trade_in_parts_by_a_clock_that_differs_leaves_nothing(
    steps: list[int], data: st.DataObject
) -> None:
    """Each change is executed in pieces of one; the clock of TWS is up to 50 s off."""
    ahead_s = data.draw(st.floats(-50, 50))
    changes = [(1000.0 * n, step) for n, step in enumerate(steps)]
    executions = [
        (1000.0 * n + ahead_s - 1 + piece / 10, step // abs(step))
        for n, step in enumerate(steps)
        for piece in range(abs(step))
    ]
    assert left(changes, executions) == [0] * len(steps)
