"""Each cause is seen from its evidence, and from nothing less."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from slotwise.position import Position
from slotwise.reconciliation.evidence import Evidence, Execution
from slotwise.reconciliation.reconciler import PositionReconciler
from slotwise.reconciliation.report import Report
from tests.support.values import ACCOUNT, NOON, at, contract, head, option, position

ASKED = at(100)


def execution(con_id: int, quantity: str | int, seconds: float = 50, **changes: Any) -> Execution:
    made = Execution(
        exec_id=f"e{con_id}.{seconds:g}",
        account=ACCOUNT,
        con_id=con_id,
        quantity=Decimal(quantity),
        price=Decimal("1.5"),
        at=at(seconds),
        client_id=3,
        order_id=9,
    )
    return replace(made, **changes)


def evidence(*executions: Execution, **changes: Any) -> Evidence:
    made = Evidence(asked_at=ASKED, accounts=(ACCOUNT,), executions=executions)
    return replace(made, **changes)


def reconcile(
    book: list[Position], broker: list[Position], *executions: Execution, **changes: Any
) -> Report:
    values: dict[str, Any] = {
        "snapshot": head("s1", when=ASKED),
        "requested_at": ASKED,
        "completed_at": ASKED,
        "evidence": evidence(*executions),
    } | changes
    return PositionReconciler().reconcile(book, broker, **values)


def causes(*args: Any, **changes: Any) -> dict[int, str]:
    return {one.con_id: one.cause for one in reconcile(*args, **changes).breaks}


# Trades.


def test_executions_since_the_book_that_sum_up_to_the_difference_are_a_fill() -> None:
    report = reconcile(
        [position(1, 10)], [position(1, 17)], execution(1, 5, 50), execution(1, 2, 60)
    )
    [found] = report.breaks
    assert (found.cause, found.kind) == ("fill", "quantity")
    assert "e1.60: +2" in found.evidence
    assert "e1.50: +5" in found.evidence


def test_only_the_newest_executions_count() -> None:
    """Those before them are in the book already."""
    [found] = reconcile([position(1, 15)], [position(1, 17)], execution(1, 5, 1),
                        execution(1, 2, 60)).breaks  # fmt: skip
    assert found.cause == "fill"
    assert "e1.1:" not in found.evidence


def test_executions_that_do_not_sum_up_explain_nothing() -> None:
    assert causes([position(1, 10)], [position(1, 17)], execution(1, 5)) == {1: "unknown"}


def test_an_execution_from_before_the_book_explains_nothing() -> None:
    book = [position(1, 10, observed_at=at(90))]
    early = execution(1, 7, -100)
    assert causes(book, [position(1, 17)], early) == {1: "unknown"}


def test_an_execution_in_another_account_explains_nothing() -> None:
    other = execution(1, 7, account="DU2")
    assert causes([position(1, 10)], [position(1, 17)], other) == {1: "unknown"}


def test_a_trade_by_hand_is_told_from_one_of_a_program() -> None:
    by_hand = execution(1, 7, client_id=0, order_id=0)
    assert causes([], [position(1, 7)], by_hand) == {1: "manual_trade"}
    assert causes([], [position(1, 7)], execution(1, 7)) == {1: "fill"}


def test_a_purchase_and_a_sale_change_the_cost_alone() -> None:
    broker = [position(1, 10, avg_cost=Decimal(90))]
    there_and_back = (execution(1, 5, 50), execution(1, -5, 60))
    assert causes([position(1, 10)], broker, *there_and_back) == {1: "fill"}
    assert causes([position(1, 10)], broker) == {1: "unknown"}


@given(st.lists(st.integers(-50, 50).filter(bool), min_size=1, max_size=8), st.integers(-100, 100))
def test_whatever_was_traded_since_the_book_is_explained(changes: list[int], start: int) -> None:
    """However many fills, in whatever directions: a difference of theirs is never unknown."""
    executions = [execution(1, change, 10 + n) for n, change in enumerate(changes)]
    book = [position(1, start)] if start else []
    end = start + sum(changes)
    broker = [position(1, end)] if end else []
    assert set(causes(book, broker, *executions).values()) <= {"fill"}


# Late landings.


def test_what_the_gateway_knew_and_is_on_its_way_is_late() -> None:
    new = position(1, 12, observed_at=at(50))
    known = {"before": {new.key: new}, "landing": {new.key}}
    assert causes([position(1, 10)], [new], **known) == {1: "late_landing"}
    assert causes([], [new], **known) == {1: "late_landing"}
    assert causes([position(1, 10)], [], before={}, landing={new.key}) == {1: "late_landing"}


def test_what_is_not_on_its_way_is_not_late() -> None:
    new = position(1, 12, observed_at=at(50))
    assert causes([position(1, 10)], [new], before={new.key: new}) == {1: "unknown"}


def test_what_the_gateway_did_not_know_is_not_late() -> None:
    """The poll for this very request queued it."""
    old, new = position(1, 10), position(1, 12)
    known = {"before": {old.key: old}, "landing": {old.key}}
    assert causes([old], [new], execution(1, 2), **known) == {1: "fill"}
    assert causes([old], [new], before=None, landing={old.key}) == {1: "unknown"}


def test_what_the_book_has_heard_since_is_not_late() -> None:
    known = position(1, 12, observed_at=at(50))
    book = [position(1, 10, observed_at=at(60))]
    changes = {"before": {known.key: known}, "landing": {known.key}}
    assert causes(book, [position(1, 12)], **changes) == {1: "unknown"}


# Options that are over, and what they deliver.


def opt(con_id: int, quantity: int, strike: int, right: str, expiry: str = "20260529") -> Position:
    """Hold an option; its last day was the Friday before."""
    named = option(con_id, symbol="AAPL", strike=Decimal(strike), right=right, expiry=expiry)
    return position(con_id, quantity, contract=named)


def shares(quantity: int) -> Position:
    return position(100, quantity, contract=contract(100, symbol="AAPL"))


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


def test_unless_tws_knows_it_no_more() -> None:
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


# Splits.


@pytest.mark.parametrize(("new", "old"), [(2, 1), (3, 2), (1, 10), (20, 1), (7, 4), (1, 250)])
def test_shares_that_a_split_made_more_or_fewer(new: int, old: int) -> None:
    before, cost = 700, Decimal("123.45")
    after = before * new // old
    book = [position(1, before, avg_cost=cost)]
    broker = [position(1, after, avg_cost=cost * old / new)]
    [found] = reconcile(book, broker).breaks
    assert found.cause == "split"
    assert f"{new}:{old}" in found.evidence


def test_twice_as_many_at_the_same_cost_is_no_split() -> None:
    assert causes([position(1, 10)], [position(1, 20)]) == {1: "unknown"}


def test_options_that_became_others_of_the_same_worth() -> None:
    """A whole split makes more of them, another one changes what each delivers."""
    before = opt(1, -4, 300, "P", "20261218")
    whole = position(
        2, -8, contract=option(2, symbol="AAPL", strike=Decimal(150), right="P"),
        avg_cost=Decimal(50),
    )  # fmt: skip
    other = position(
        2, -4, avg_cost=Decimal(100),
        contract=option(2, symbol="AAPL", strike=Decimal(200), right="P", multiplier=Decimal(150)),
    )  # fmt: skip
    assert causes([before], [whole]) == {1: "split", 2: "split"}
    assert causes([before], [other]) == {1: "split", 2: "split"}


def test_a_roll_is_no_split() -> None:
    """Closed here and opened there, by executions."""
    before = opt(1, -4, 300, "P", "20261218")
    after = opt(2, -4, 300, "P", "20261218")
    rolled = (execution(1, 4), execution(2, -4))
    assert causes([before], [after], *rolled) == {1: "fill", 2: "fill"}


# The rest.


def test_a_changed_multiplier_is_a_break_of_its_own() -> None:
    """Quantity and cost are the same; what they buy is not."""
    before = opt(1, 5, 150, "C", "20261218")
    adjusted = option(1, symbol="AAPL", strike=Decimal(150), right="C", multiplier=Decimal(110))
    [found] = reconcile([before], [position(1, 5, contract=adjusted)]).breaks
    assert (found.kind, found.cause) == ("avg_cost", "multiplier_changed")
    assert "from 100 to 110" in found.evidence


def test_most_of_an_account_missing_at_once_is_doubted_not_believed() -> None:
    """Nothing is verified then, and never called matched or broken."""
    report = reconcile([position(n) for n in range(1, 7)], [position(n) for n in (1, 2, 3)])
    assert report.status == "stale"
    assert {one.cause for one in report.breaks} == {"incomplete_snapshot"}
    assert "3 of 6" in str(report.reason)


def test_a_portfolio_that_was_sold_is_believed() -> None:
    sold = [execution(n, -10) for n in range(1, 7)]
    report = reconcile([position(n) for n in range(1, 7)], [], *sold)
    assert (report.status, {one.cause for one in report.breaks}) == ("broken", {"fill"})


def test_a_few_that_are_missing_are_believed() -> None:
    report = reconcile([position(n) for n in range(1, 10)], [position(n) for n in range(1, 8)])
    assert (report.status, {one.cause for one in report.breaks}) == ("broken", {"unknown"})


def test_an_account_that_the_login_has_not_is_a_kind_of_its_own() -> None:
    [found] = reconcile([position(1, account="DU9")], []).breaks
    assert found.kind == "account_unknown"


def test_an_account_without_a_position_matches_when_the_login_has_it() -> None:
    values = {"account": "DU2", "evidence": evidence(accounts=(ACCOUNT, "DU2"))}
    assert reconcile([position(1)], [position(1)], **values).status == "matched"


def test_models_of_an_account_are_kept_apart() -> None:
    book = [position(1, 5, account="DU1/Growth"), position(1, 3)]
    broker = [position(1, 3, account="DU1/Growth"), position(1, 5)]
    report = reconcile(book, broker, account="DU1")
    assert [(b.account, b.kind) for b in report.breaks] == [
        ("DU1", "quantity"),
        ("DU1/Growth", "quantity"),
    ]


def test_without_evidence_the_break_says_so() -> None:
    [found] = reconcile([position(1)], [], evidence=None).breaks
    assert (found.cause, found.kind) == ("unknown", "missing_at_broker")
    assert "no answer" in found.evidence
    assert found.found_at > NOON
