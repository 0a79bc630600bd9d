"""Options that are over, and the shares that they deliver."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import at
from tests.unit.slotwise.reconciliation.compared import (
    causes,
    evidence,
    execution,
    opt,
    reconcile,
    shares,
)


def test_what_is_gone_after_its_last_day_has_expired() -> None:
    [found] = reconcile([opt(1, 5, 150, "C")], []).breaks
    assert (found.cause, found.kind) == ("expired", "missing_at_broker")
    assert "20260529" in found.evidence


def test_what_is_gone_before_its_last_day_has_not() -> None:
    book = [opt(1, 5, 150, "C", "20261218")]
    assert causes(book, []) == {1: "unknown"}


def test_an_option_is_not_over_before_its_last_session_is() -> None:
    """Noon in Greenwich is early morning in New York; in the evening there the day is over."""
    book = [opt(1, 5, 150, "C", "20260601")]
    assert causes(book, []) == {1: "unknown"}
    late = reconcile(book, [], completed_at=at(10 * 3600))
    assert [one.cause for one in late.breaks] == ["expired"]


def test_unless_tws_has_it_no_more() -> None:
    book = [opt(1, 5, 150, "C", "20261218")]
    assert causes(book, [], evidence=evidence(contracts={1: None})) == {1: "expired"}
    still_there = evidence(contracts={1: book[0].contract})
    assert causes(book, [], evidence=still_there) == {1: "unknown"}


def test_what_is_still_held_after_its_last_day_has_not_expired() -> None:
    assert causes([opt(1, 5, 150, "C")], [opt(1, 3, 150, "C")]) == {1: "unknown"}


@pytest.mark.parametrize(
    ("quantity", "right", "came", "cause"),
    [
        (5, "C", 500, "exercised"),
        (-5, "C", -500, "assigned"),
        (5, "P", -500, "exercised"),
        (-5, "P", 500, "assigned"),
    ],
)
def test_shares_that_came_for_an_option_are_its_delivery(
    quantity: int, right: str, came: int, cause: str
) -> None:
    """Both legs say so, each naming the other."""
    report = reconcile([opt(1, quantity, 150, right)], [shares(came)])
    assert {one.con_id: one.cause for one in report.breaks} == {1: cause, 100: cause}
    stock, opted = report.breaks[1], report.breaks[0]
    assert "AAPL" in opted.evidence
    assert "20260529" in stock.evidence


def test_early_exercise_needs_no_expiry() -> None:
    book = [opt(1, -5, 150, "P", "20261218"), shares(100)]
    broker = [opt(1, -2, 150, "P", "20261218"), shares(400)]
    assert causes(book, broker) == {1: "assigned", 100: "assigned"}


def test_of_one_expiry_only_what_is_in_the_money_delivers() -> None:
    book = [opt(1, 2, 140, "C"), opt(2, -2, 160, "C"), opt(3, 2, 130, "P")]
    expected = {1: "exercised", 2: "expired", 3: "expired", 100: "exercised"}
    assert causes(book, [shares(200)]) == expected


def test_shares_that_no_price_explains_were_not_delivered() -> None:
    book = [opt(1, 2, 140, "C")]
    assert causes(book, [shares(150)]) == {1: "expired", 100: "unknown"}


def test_shares_traded_besides_do_not_hide_a_delivery() -> None:
    book = [opt(1, -5, 150, "P"), shares(100)]
    assert causes(book, [shares(560)], execution(100, -40)) == {1: "assigned", 100: "assigned"}


prices = st.integers(101, 199)


@given(
    st.lists(
        st.tuples(
            st.integers(-9, 9).filter(bool), st.sampled_from(range(105, 200, 10)),
            st.sampled_from("CP"),
        ),
        min_size=1, max_size=8, unique_by=lambda leg: leg[1:],
    ),
    st.sampled_from(range(100, 201, 10)),
)  # fmt: skip
def test_every_delivery_at_expiry_is_found(legs: list[tuple[int, int, str]], spot: int) -> None:
    """Where shares came, the options in the money are a set that gives as many."""
    book = [opt(n, quantity, strike, right) for n, (quantity, strike, right) in enumerate(legs, 1)]
    came = 0
    for quantity, strike, right in legs:
        if right == "C" and strike < spot:
            came += 100 * quantity
        if right == "P" and strike > spot:
            came -= 100 * quantity
    report = reconcile(book, [shares(came)] if came else [])
    assert all(one.cause != "unknown" for one in report.breaks)
    delivered = [one for one in report.breaks if one.cause in ("exercised", "assigned")]
    assert any(one.con_id == 100 for one in delivered) == bool(came)
    signs = {"C": 100, "P": -100}
    named = [legs[one.con_id - 1] for one in delivered if one.con_id != 100]
    assert sum(quantity * signs[right] for quantity, _, right in named) == came
