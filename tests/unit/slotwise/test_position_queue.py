"""The queue keeps its rules whatever comes in whatever order, checked against a plain model."""

from __future__ import annotations

from collections.abc import Iterable

from slotwise.rules.position_queue import NewItem, PositionQueue, QueueRow
from tests.support.values import ACCOUNT, NOON, at, attempt, item


def queue_of(*items: NewItem, max_attempts: int = 5) -> PositionQueue:
    queue = PositionQueue(max_attempts)
    queue.insert(items, NOON)
    return queue


def states(rows: Iterable[QueueRow]) -> list[tuple[str, str]]:
    return [(row.item_id, row.state) for row in rows]


def test_inserting_a_waiting_holding_again_only_raises_its_priority() -> None:
    queue = queue_of(item(1, priority=2), item(2, priority=2))
    again = NewItem("other-id", ACCOUNT, 2, 1)
    assert queue.insert([again], at(5)) == 0
    batch = queue.get_batch("b", at(6), 10.0)
    assert batch is not None
    assert [one.item_id for one in batch.items] == ["i2", "i1"]


def test_a_lower_priority_never_replaces_a_higher_one() -> None:
    queue = queue_of(item(1, priority=1))
    queue.insert([NewItem("other-id", ACCOUNT, 1, 3)], at(1))
    assert [row.priority for row in queue.take_rows()] == [1]


def test_the_same_contract_in_two_accounts_is_two_holdings() -> None:
    assert len(queue_of(item(1), NewItem("x", "DU2", 1, 2))) == 2


def test_nothing_waits_so_there_is_no_batch() -> None:
    assert PositionQueue().get_batch("b", NOON, 10.0) is None


def test_a_late_success_of_a_released_item_is_accepted() -> None:
    """The work was done: doing it again would only land a second row."""
    queue = queue_of(item(1))
    queue.get_batch("late", NOON, 10.0)
    queue.release(queue.overdue(at(10)), at(10))
    assert queue.mark_success(["i1"], attempt("late", 11)) == {"i1"}


def test_a_late_failure_does_not_take_the_next_batchs_lease() -> None:
    queue = queue_of(item(1))
    queue.get_batch("late", NOON, 10.0)
    queue.release(queue.overdue(at(10)), at(10))
    queue.get_batch("next", at(10), 10.0)
    queue.mark_failed([("i1", "too slow")], attempt("late", 11))
    assert queue.count("leased") == 1


def test_a_lease_given_anew_is_not_released_for_its_predecessor() -> None:
    queue = queue_of(item(1))
    queue.get_batch("first", NOON, 10.0)
    overdue = queue.overdue(at(10))
    queue.release(overdue, at(10))
    queue.get_batch("second", at(10), 10.0)
    queue.release(overdue, at(11))
    assert queue.count("leased") == 1


def test_the_last_failed_try_ends_the_item_with_its_reason() -> None:
    queue = queue_of(item(1), max_attempts=2)
    for number in (1, 2):
        queue.get_batch(f"b{number}", NOON, 10.0)
        queue.mark_failed([("i1", f"reason {number}")], attempt(f"b{number}"))
    last = queue.take_rows()[-1]
    assert (last.state, last.attempt, last.error) == ("failed", 2, "reason 2")
    assert len(queue) == 0


def test_a_final_item_accepts_nothing() -> None:
    queue = queue_of(item(1))
    batch = queue.get_batch("b", NOON, 10.0)
    assert batch is not None
    queue.mark_success(["i1"], attempt("b"))
    queue.take_rows()
    assert queue.mark_success(["i1"], attempt("b")) == set()
    queue.mark_failed([("i1", "no")], attempt("b"))
    queue.release([("i1", "b")], at(20))
    queue.lease(batch)
    assert queue.take_rows() == []


def test_the_holding_of_a_final_item_may_be_queued_again() -> None:
    queue = queue_of(item(1))
    queue.get_batch("b", NOON, 10.0)
    queue.mark_success(["i1"], attempt("b"))
    assert queue.insert([NewItem("i1-again", ACCOUNT, 1, 2)], at(30)) == 1


def test_each_failed_try_leaves_a_row_of_its_own() -> None:
    """The audit trail: who tried, when, and why it failed."""
    queue = queue_of(item(1), max_attempts=3)
    for number in (1, 2, 3):
        queue.get_batch(f"b{number}", NOON, 10.0)
        queue.mark_failed([("i1", "no")], attempt(f"b{number}", worker=f"w{number}"))
    tries = [row for row in queue.take_rows() if row.error]
    assert [(row.attempt, row.batch_id, row.worker) for row in tries] == [
        (1, "b1", "w1"),
        (2, "b2", "w2"),
        (3, "b3", "w3"),
    ]
    assert states(tries) == [("i1", "waiting"), ("i1", "waiting"), ("i1", "failed")]
