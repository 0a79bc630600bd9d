"""Each cause is seen from its evidence, and from nothing less."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import ACCOUNT, NOON, at, option, position
from tests.unit.slotwise.reconciliation.compared import (
    causes,
    evidence,
    execution,
    opt,
    reconcile,
)

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


def test_a_trade_by_hand_is_distinguished_from_one_of_a_program() -> None:
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


def test_what_the_gateway_had_and_is_on_its_way_is_late() -> None:
    new = position(1, 12, observed_at=at(50))
    known = {"before": {new.key: new}, "landing": {new.key}}
    assert causes([position(1, 10)], [new], **known) == {1: "late_landing"}
    assert causes([], [new], **known) == {1: "late_landing"}
    assert causes([position(1, 10)], [], before={}, landing={new.key}) == {1: "late_landing"}


def test_what_is_not_on_its_way_is_not_late() -> None:
    new = position(1, 12, observed_at=at(50))
    assert causes([position(1, 10)], [new], before={new.key: new}) == {1: "unknown"}


def test_what_the_gateway_did_not_have_is_not_late() -> None:
    """The poll for this very request queued it."""
    old, new = position(1, 10), position(1, 12)
    known = {"before": {old.key: old}, "landing": {old.key}}
    assert causes([old], [new], execution(1, 2), **known) == {1: "fill"}
    assert causes([old], [new], before=None, landing={old.key}) == {1: "unknown"}


def test_what_the_book_has_received_since_is_not_late() -> None:
    known = position(1, 12, observed_at=at(50))
    book = [position(1, 10, observed_at=at(60))]
    changes = {"before": {known.key: known}, "landing": {known.key}}
    assert causes(book, [position(1, 12)], **changes) == {1: "unknown"}


# Options that are over, and what they deliver.


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
