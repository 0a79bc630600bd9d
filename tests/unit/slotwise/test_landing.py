"""Folding a run of entries: pure, repeatable, and each table gets what it still lacks."""

from __future__ import annotations

import pyarrow as pa

from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.rules.landing import (
    Answered,
    Entry,
    Head,
    Inserted,
    Leased,
    Rows,
    Unreadable,
    fold,
    holdings_under_way,
)
from slotwise.rules.position_queue import Batch, PositionQueue
from slotwise.rules.valuation import position_row
from tests.support.values import ACCOUNT, NOON, at, attempt, item, position

BATCH = Batch("b", NOON, at(20), (item(1), item(2)))


def rows(*con_ids: int) -> pa.RecordBatch:
    values = [
        position_row(position(con_id), None, source="batch", item_id=f"i{con_id}")
        for con_id in con_ids
    ]
    return to_batch(values, POSITION_UPDATES.sent)


def run(*heads: Head | tuple[Head, pa.RecordBatch]) -> list[Entry]:
    """Number entries from 1."""
    pairs = [one if isinstance(one, tuple) else (one, None) for one in heads]
    return [Entry(number, head, with_) for number, (head, with_) in enumerate(pairs, 1)]


STORY = run(
    Inserted((item(1), item(2)), NOON),
    Leased((), (BATCH,), NOON),
    (Answered(attempt("b"), ("i1",), (("i2", "no"),)), rows(1)),
    (Rows("quotes"), rows(7)),
    (Rows("position_updates"), rows(8)),
)


def sent(entry: Entry) -> Head | tuple[Head, pa.RecordBatch]:
    """Return what was sent for an entry to be there."""
    assert not isinstance(entry.head, Unreadable)
    return entry.head if entry.rows is None else (entry.head, entry.rows)


def con_ids(folded: dict[str, list[pa.RecordBatch]], table: str) -> list[int]:
    return [row["con_id"] for batch in folded.get(table, []) for row in batch.to_pylist()]


def test_entries_become_rows_of_their_tables_in_order() -> None:
    queue = PositionQueue()
    folded = fold(queue, STORY, {})
    assert con_ids(folded, "position_updates") == [1, 8]
    assert con_ids(folded, "quotes") == [7]
    assert (queue.item_ids(), queue.count("waiting")) == (["i2"], 1)


def test_folding_the_same_entries_again_gives_the_same() -> None:
    one, other = PositionQueue(), PositionQueue()
    assert fold(one, STORY, {}) == fold(other, STORY, {})
    assert one.take_rows() == other.take_rows()


def test_a_table_gets_only_what_comes_after_its_offset() -> None:
    folded = fold(PositionQueue(), STORY, {"position_updates": 3, "quotes": 4})
    assert con_ids(folded, "position_updates") == [8]
    assert con_ids(folded, "quotes") == []


def test_the_queue_is_moved_by_entries_whose_rows_are_in_the_lake_already() -> None:
    """A crash came between the commit of the rows and that of the queue."""
    queue = PositionQueue()
    fold(queue, STORY, {"position_updates": 5})
    assert {row.item_id: row.state for row in queue.take_rows()} == {
        "i1": "succeeded",
        "i2": "waiting",
    }


def test_the_queue_is_not_moved_twice() -> None:
    queue = PositionQueue()
    fold(queue, STORY, {"position_queue": 3})
    assert len(queue) == 0


def test_a_second_answer_of_a_batch_lands_nothing() -> None:
    again = run(*map(sent, (*STORY, STORY[2])))
    assert con_ids(fold(PositionQueue(), again, {}), "position_updates") == [1, 8]


def test_of_an_answer_only_the_rows_of_accepted_items_land() -> None:
    entries = run(
        Inserted((item(1), item(2)), NOON),
        Leased((), (BATCH,), NOON),
        (Answered(attempt("b"), ("i2",), ()), rows(2)),
        (Answered(attempt("b"), ("i1", "i2"), ()), rows(1, 2)),
    )
    assert con_ids(fold(PositionQueue(), entries, {}), "position_updates") == [2, 1]


def test_rows_for_an_item_that_was_not_inserted_do_not_land() -> None:
    entries = run((Answered(attempt("b"), ("i9",), ()), rows(9)))
    assert fold(PositionQueue(), entries, {}) == {}


def test_holdings_under_way_are_those_queued_answered_or_streamed() -> None:
    entries = [STORY[0], *STORY[3:]]
    assert holdings_under_way(entries) == {(ACCOUNT, 1), (ACCOUNT, 2), (ACCOUNT, 8)}
    assert holdings_under_way(STORY[1:3]) == {(ACCOUNT, 1)}
    assert holdings_under_way([]) == set()
