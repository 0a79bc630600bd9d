"""Questions to the lake, each on a lake small enough to know the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from slotwise.errors import LakeError
from slotwise.lake.queries import (
    QueueTotals,
    ask,
    commits,
    failed_items,
    failed_since,
    landed_items,
    landing_totals,
    queue_totals,
    unfinished_items,
)
from slotwise.lake.reconciliation_queries import last_report
from slotwise.lake.store import Lake
from slotwise.rules.position_queue import PositionQueue, QueueRow
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.landed import put
from tests.support.values import ACCOUNT, NOON, at, attempt, item, position

POSITIONS, QUEUE = "position_updates", "position_queue"


def row(con_id: int, quantity: int = 10, seconds: float = 0.0, **changes: Any) -> PositionRow:
    account = changes.pop("account", ACCOUNT)
    held = position(con_id, quantity, account=account, observed_at=at(seconds))
    return position_row(held, None, **{"source": "batch", **changes})


def queue_row(item_id: str, state: Any, revision: int, **changes: Any) -> QueueRow:
    made = QueueRow(item_id, ACCOUNT, 1, 2, state, revision, 1, NOON)
    return msgspec.structs.replace(made, **changes)


def test_the_queue_is_what_has_not_ended_at_its_highest_revision(lake: Lake) -> None:
    queue = PositionQueue(max_attempts=2)
    queue.insert([item(1), item(2), item(3), item(4)], NOON)
    put(lake, QUEUE, queue.take_rows())
    queue.get_batch("b1", at(1), 20.0, size=3)
    put(lake, QUEUE, queue.take_rows())
    queue.mark_success(["i1"], attempt("b1"))
    queue.mark_failed([("i2", "no")], attempt("b1"))
    expected = queue.take_rows()
    put(lake, QUEUE, expected)
    found = {row.item_id: row for row in unfinished_items(lake)}
    assert set(found) == {"i2", "i3", "i4"}
    assert (found["i2"].attempt, found["i2"].error, found["i2"].worker) == (1, "no", "w")
    assert (found["i3"].state, found["i3"].lease_until) == ("leased", at(21))
    assert found["i2"] in expected


def test_what_has_succeeded_stays_so_whatever_rows_come_after(lake: Lake) -> None:
    put(lake, QUEUE, [queue_row("i1", "succeeded", 3), queue_row("i1", "waiting", 9)])
    assert unfinished_items(lake) == []
    assert queue_totals(lake) == QueueTotals(inserted=1, succeeded=1, failed=0, pending=0)


def test_a_failed_item_that_was_put_back_waits_again(lake: Lake) -> None:
    queue = PositionQueue(max_attempts=1)
    queue.insert([item(1), item(2)], NOON)
    queue.get_batch("b1", at(1), 20.0)
    queue.mark_failed([("i1", "no"), ("i2", "no")], attempt("b1"))
    put(lake, QUEUE, queue.take_rows())
    dead = failed_items(lake)
    assert failed_since(lake, NOON.date()) == len(dead)
    assert failed_since(lake, NOON.date() + timedelta(days=1)) == 0
    assert {row.item_id for row in dead} == {"i1", "i2"}
    assert dead[0].error == "no"
    queue.put_back([row for row in dead if row.item_id == "i1"], at(60))
    put(lake, QUEUE, queue.take_rows())
    assert [row.item_id for row in failed_items(lake)] == ["i2"]
    assert failed_since(lake, NOON.date()) == 1
    assert [row.item_id for row in unfinished_items(lake)] == ["i1"]
    assert queue_totals(lake) == QueueTotals(inserted=2, succeeded=0, failed=1, pending=1)


def test_landed_items_are_found_by_batch_and_only_those_asked_for(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, item_id="i1", batch_id="b1"), row(9, source="stream")], at(10))
    put(lake, POSITIONS, [row(2, item_id="i2", batch_id="b2")], at(20))
    put(lake, POSITIONS, [row(3, item_id="i3", batch_id="b2")], at(20))
    assert landed_items(lake, ["i1", "i2", "i4"]) == {"b1": ["i1"], "b2": ["i2"]}
    assert landed_items(lake, ["i1", "i2"], since=2) == {"b2": ["i2"]}
    assert landed_items(lake, ["i1"], since=1) == {"b1": ["i1"]}, "that landing itself counts"
    assert landed_items(lake, ["i1"], day=NOON.date()) == {"b1": ["i1"]}
    assert landed_items(lake, ["i1"], day=(NOON + timedelta(days=1)).date()) == {}
    assert landed_items(lake, []) == {}


def test_queue_totals_count_each_item_once(lake: Lake) -> None:
    assert queue_totals(lake) == QueueTotals(0, 0, 0, 0)
    rows = [queue_row("i1", "waiting", 0), queue_row("i1", "leased", 1)]
    put(lake, QUEUE, [*rows, queue_row("i1", "succeeded", 2), queue_row("i2", "failed", 4)])
    put(lake, QUEUE, [queue_row("i3", "waiting", 0), queue_row("i4", "leased", 1)])
    assert queue_totals(lake) == QueueTotals(inserted=4, succeeded=1, failed=1, pending=2)


def test_landing_totals_count_rows_commits_and_polled_holdings(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1), row(1, seconds=5), row(2)])
    put(lake, POSITIONS, [row(9, source="stream")])
    totals = landing_totals(lake)
    assert (totals.rows, totals.commits, totals.wrong_items) == (4, 2, 0)
    assert totals.holdings == {(ACCOUNT, 1), (ACCOUNT, 2)}


@pytest.mark.parametrize(
    ("landed", "wrong"),
    [(["i1"], 0), ([], 1), (["i1", "i1"], 1), (["i1", "i2"], 0)],
    ids=["one row", "no row", "two rows", "another item's row besides"],
)
def test_a_succeeded_item_without_exactly_one_row_is_wrong(
    lake: Lake, landed: list[str], wrong: int
) -> None:
    """Failed and pending items are not asked for."""
    states = [("i1", "succeeded"), ("i3", "failed"), ("i4", "waiting")]
    put(lake, QUEUE, [queue_row(item_id, state, 1) for item_id, state in states])
    put(lake, POSITIONS, [row(1, item_id=item_id) for item_id in landed])
    assert landing_totals(lake).wrong_items == wrong


class ReportRow(msgspec.Struct):
    """One row of table `reconciliations`."""

    report_id: str
    completed_at: Any
    status: str = "matched"
    reason: str | None = None
    account: str | None = None
    snapshot_id: str | None = "s1"
    requested_at: Any = NOON
    matched: int = 3
    breaks: int = 0
    healed: int = 0
    mended: int = 0


def test_the_last_report_is_the_one_that_landed_last(lake: Lake) -> None:
    """Of those that landed together the one completed last; clocks may have been set back."""
    assert last_report(lake) is None
    put(lake, "reconciliations", [ReportRow("new", at(9)), ReportRow("old", at(1))])
    put(lake, "reconciliations", [ReportRow("later", at(0))])
    found = last_report(lake)
    assert found is not None
    assert (found.report_id, found.matched, found.completed_at) == ("later", 3, at(0))


def test_the_last_report_of_all_is_none_on_one_account(lake: Lake) -> None:
    put(lake, "reconciliations", [ReportRow("one", at(9), account="DU1")])
    assert last_report(lake, of_all=True) is None
    put(lake, "reconciliations", [ReportRow("all", at(1))])
    put(lake, "reconciliations", [ReportRow("another", at(5), account="DU2")])
    found = last_report(lake, of_all=True)
    assert found is not None
    assert found.report_id == "all"


def test_a_lake_without_tables_is_a_lake_error(tmp_path: Any) -> None:
    with pytest.raises(LakeError, match="cannot be read"):
        ask(Lake(str(tmp_path / "nothing")), "SELECT 1", POSITIONS)


def test_commits_count_from_the_tables_making(lake: Lake) -> None:
    assert commits(lake, POSITIONS) == 0
    put(lake, POSITIONS, [row(1)])
    assert commits(lake, POSITIONS) == 1
