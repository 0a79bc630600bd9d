"""A batch's answer: complete, fresh, or failed with its reason."""

from __future__ import annotations

from slotwise.polling import answer_batch
from slotwise.position_queue import Batch
from tests.support.values import ACCOUNT, NOON, at, head, item, position, quote

BATCH = Batch("b", NOON, at(20), (item(1), item(2), item(3)))
MAX_AGE_S = 120.0


def test_what_is_held_succeeds_and_what_is_not_fails_with_its_reason() -> None:
    held = {(ACCOUNT, number): position(number) for number in (3, 1)}
    answer = answer_batch(BATCH, (head("s1", 2), held), {1: quote(1, last=5)}, at(5), MAX_AGE_S)
    assert answer.succeeded == ("i1", "i3")
    assert answer.failed == (("i2", "not held in snapshot s1"),)


def test_rows_come_in_the_order_of_what_succeeded_and_name_batch_and_item() -> None:
    """The landing drops rows by their place."""
    held = {(ACCOUNT, number): position(number) for number in (3, 2, 1)}
    answer = answer_batch(BATCH, (head(), held), {}, NOON, MAX_AGE_S)
    assert tuple(row.item_id for row in answer.rows) == answer.succeeded == ("i1", "i2", "i3")
    assert {row.batch_id for row in answer.rows} == {"b"}
    assert {row.source for row in answer.rows} == {"batch"}


def test_a_row_is_valued_with_its_own_contracts_quote() -> None:
    held = {(ACCOUNT, number): position(number, 1) for number in (1, 2, 3)}
    quotes = {1: quote(1, last=5), 3: quote(3, last=7)}
    answer = answer_batch(BATCH, (head(), held), quotes, NOON, MAX_AGE_S)
    assert [row.price for row in answer.rows] == [5, None, 7]


def test_the_same_contract_in_another_account_does_not_answer() -> None:
    answer = answer_batch(
        BATCH, (head(), {("DU2", 1): position(1, account="DU2")}), {}, NOON, MAX_AGE_S
    )
    assert answer.succeeded == ()


def test_without_a_snapshot_nothing_is_read_as_closed() -> None:
    answer = answer_batch(BATCH, None, {}, NOON, MAX_AGE_S)
    assert (answer.succeeded, answer.rows) == ((), ())
    assert [item_id for item_id, _ in answer.failed] == ["i1", "i2", "i3"]
    assert "no complete position snapshot" in answer.failed[0][1]


def test_an_old_snapshot_is_no_news() -> None:
    held = {(ACCOUNT, 1): position(1)}
    fresh = answer_batch(BATCH, (head(), held), {}, at(MAX_AGE_S), MAX_AGE_S)
    assert fresh.succeeded == ("i1",), "at the limit it still counts"
    old = answer_batch(BATCH, (head(), held), {}, at(MAX_AGE_S + 1), MAX_AGE_S)
    assert old.succeeded == ()
    assert old.failed[0][1] == "the newest position snapshot is 121 s old"


def test_a_position_closed_meanwhile_lands_as_zero() -> None:
    held = {(ACCOUNT, 1): position(1, 0)}
    answer = answer_batch(BATCH, (head(), held), {}, NOON, MAX_AGE_S)
    assert [row.quantity for row in answer.rows] == [0]
