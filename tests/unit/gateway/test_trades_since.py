"""Executions close a holding where they lead from what was seen to nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution
from tests.support.sizes import sizes
from tests.support.values import at, position
from workers.gateway.positions.trades_since import CLOCKS_DIFFER, MANY, MOST, TradesSince

KEY = ("DU1", 1)


def traded(number: int, quantity: int, seconds: float = 0.0, correction: int = 1) -> Execution:
    return Execution(
        exec_id=f"0000e0d5.{number:04}.{correction:02}", account="DU1", con_id=1,
        quantity=Decimal(quantity), price=Decimal(1), at=at(seconds), client_id=0, order_id=0,
    )  # fmt: skip


def gone(trades: TradesSince, held: Position, *executions: Execution) -> bool:
    return KEY in trades.gone([held], executions, {KEY})


@given(
    before=st.lists(st.integers(-5, 5).filter(bool), max_size=4),
    after=st.lists(st.integers(-5, 5).filter(bool), max_size=4),
    start=st.integers(-9, 9),
)
def test_only_what_is_new_since_the_base_counts(
    before: list[int], after: list[int], start: int
) -> None:
    """Whatever was traded before; the times of TWS and ours have no say."""
    held = position(1, str(start + sum(before)))
    old = [traded(n, quantity) for n, quantity in enumerate(before)]
    new = [traded(100 + n, quantity, n) for n, quantity in enumerate(after)]
    trades = TradesSince()
    trades.keep([held], old)
    closed = bool(after) and held.quantity + sum(after) == 0
    assert gone(trades, held, *old, *new) == closed


def test_a_change_that_no_execution_explains_explains_nothing_else() -> None:
    """Ten were bought, and ten more came by transfer; the first ten are sold."""
    trades = TradesSince()
    trades.keep([position(1, 10)], [])
    assert gone(trades, position(1, 10), traded(1, -10))
    trades.saw(position(1, 20))
    assert not gone(trades, position(1, 20), traded(1, -10))
    assert not gone(trades, position(1, 20), traded(1, -20))
    trades.saw(position(1, 10))
    assert not gone(trades, position(1, 10), traded(1, -10))


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    trades = TradesSince()
    trades.keep([position(1, 10)], [traded(1, 10)])
    assert not gone(trades, position(1, 10), traded(1, 10, correction=2))
    assert gone(trades, position(1, 10), traded(1, 10), traded(2, -10, correction=2))


@pytest.mark.parametrize(("seconds", "closed"), [(-600.0, False), (30.0, False), (90.0, True)])
def test_a_holding_not_seen_since_the_start_is_closed_by_clearly_later_executions(
    seconds: float, closed: bool
) -> None:
    """Within what two clocks may differ by nothing is known."""
    assert timedelta(seconds=30) < CLOCKS_DIFFER
    found = TradesSince().gone([position(1, 10)], [traded(1, -10, seconds)], set())
    assert (KEY in found) == closed
    assert TradesSince().gone([position(1, 10)], [traded(1, -10, seconds)], {KEY}) == {}


@given(listed=st.lists(st.booleans(), max_size=200), start=st.integers(1, 9))
def test_a_day_of_fills_is_remembered_within_a_bound(listed: list[bool], start: int) -> None:
    """However seldom executions are listed, and after the day's first are not listed any more."""
    trades, today = TradesSince(), list[Execution]()
    trades.keep([position(1, start)], [])
    quantity = start
    for number, is_listed in enumerate(listed):
        quantity += 1
        today = [*today, traded(number, 1)][-20:]
        trades.saw(position(1, quantity))
        if is_listed:
            trades.keep([position(1, quantity)], today)
    assert sum(n for path, n in sizes(trades).items() if "_base" in path) <= 1 + MOST + 20
    since = next((n for n, flag in enumerate(reversed(listed)) if flag), len(listed))
    assert trades.is_list_wanted == (since + 1 >= MANY)
    sold = traded(999, -quantity)
    assert gone(trades, position(1, quantity), *today, sold) == (since < min(MOST, 20))
