"""A batch's answer: complete, fresh, or failed with its reason."""

from __future__ import annotations

from slotwise.rules.polling import answer_batch
from slotwise.rules.position_queue import Batch
from tests.support.values import ACCOUNT, NOON, at, head, item, position, quote

BATCH = Batch("b", NOON, at(20), (item(1), item(2), item(3)))
MAX_AGE_S = 120.0


def test_what_is_held_succeeds_and_what_is_not_is_closed() -> None:
    """Each closing is a row that needs no batch, so its item ends without one."""
    held = {(ACCOUNT, number): position(number) for number in (3, 1)}
    answer = answer_batch(BATCH, (head("s1", 2), held), {1: quote(1, last=5)}, 5, MAX_AGE_S)
    assert answer.succeeded == ("i1", "i3")
    assert (answer.closed, answer.failed, answer.tried) == (("i2",), (), True)


def test_rows_come_in_the_order_of_what_succeeded_and_name_batch_and_item() -> None:
    """The landing drops rows by their place."""
    held = {(ACCOUNT, number): position(number) for number in (3, 2, 1)}
    answer = answer_batch(BATCH, (head(), held), {}, 0, MAX_AGE_S)
    assert tuple(row.item_id for row in answer.rows) == answer.succeeded == ("i1", "i2", "i3")
    assert {row.batch_id for row in answer.rows} == {"b"}
    assert {row.source for row in answer.rows} == {"batch"}


def test_a_row_is_valued_with_its_own_contracts_quote() -> None:
    held = {(ACCOUNT, number): position(number, 1) for number in (1, 2, 3)}
    quotes = {1: quote(1, last=5), 3: quote(3, last=7)}
    answer = answer_batch(BATCH, (head(), held), quotes, 0, MAX_AGE_S)
    assert [row.price for row in answer.rows] == [5, None, 7]


def test_a_row_is_valued_with_the_newest_quote_from_before_it() -> None:
    """The quote board holds the newest one, often from after the poll."""
    held = {(ACCOUNT, number): position(number, 1) for number in (1, 2, 3)}
    before, after = at(-3), at(3)
    newest = {
        1: quote(1, last=5, observed_at=after),
        2: quote(2, last=6, observed_at=before),
        3: quote(3, last=7, observed_at=after),
    }
    polled = {
        1: quote(1, last=4, observed_at=before),
        2: quote(2, last=3, observed_at=at(-9)),
        3: quote(3, last=2, observed_at=at(1)),
    }
    answer = answer_batch(BATCH, (head(), held), newest, 5, MAX_AGE_S, polled)
    assert [row.price for row in answer.rows] == [4, 6, 2]
    assert [row.quote_age_s for row in answer.rows] == [3.0, 3.0, 0.0]
    # Of the third every quote is from after it: its row is as new as the first of them.
    assert [row.observed_at for row in answer.rows] == [NOON, NOON, at(1)]


def test_the_same_contract_in_another_account_does_not_answer() -> None:
    answer = answer_batch(
        BATCH, (head(), {("DU2", 1): position(1, account="DU2")}), {}, 0, MAX_AGE_S
    )
    assert answer.succeeded == ()


def test_without_a_snapshot_nothing_is_read_as_closed() -> None:
    answer = answer_batch(BATCH, None, {}, 0, MAX_AGE_S)
    assert (answer.succeeded, answer.rows) == ((), ())
    assert [item_id for item_id, _ in answer.failed] == ["i1", "i2", "i3"]
    assert "no complete position snapshot" in answer.failed[0][1]
    assert not answer.tried


def test_an_old_snapshot_is_no_news() -> None:
    held = {(ACCOUNT, 1): position(1)}
    fresh = answer_batch(BATCH, (head(), held), {}, MAX_AGE_S, MAX_AGE_S)
    assert fresh.succeeded == ("i1",), "at the limit it still counts"
    old = answer_batch(BATCH, (head(), held), {}, MAX_AGE_S + 1, MAX_AGE_S)
    assert old.succeeded == ()
    assert old.failed[0][1] == "the newest position snapshot is 121 s old"
    assert not old.tried


def test_a_position_closed_meanwhile_lands_as_zero() -> None:
    held = {(ACCOUNT, 1): position(1, 0)}
    answer = answer_batch(BATCH, (head(), held), {}, 0, MAX_AGE_S)
    assert [row.quantity for row in answer.rows] == [0]
