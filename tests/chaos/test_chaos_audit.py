"""The audit after a storm finds what it is there to find."""

from __future__ import annotations

from pathlib import Path

from deltalake import DeltaTable, write_deltalake

from slotwise.lake.store import Lake
from slotwise.rules.position_queue import QueueRow, State
from tests.chaos.storm.audit import audit, differences, pending
from tests.support.landed import put
from tests.support.values import NOON


def _item(state: State, revision: int = 1, error: str | None = None) -> QueueRow:
    return QueueRow("item-1", "DU1", 7, 2, state, revision, 1, NOON, error=error)


def test_an_item_that_succeeded_without_a_row_is_found(lake: Lake) -> None:
    put(lake, "position_queue", [_item("succeeded")])
    assert any("without a row" in text for text in audit(Path(lake.address)).broken)


def test_an_item_that_failed_without_a_reason_is_found(lake: Lake) -> None:
    put(lake, "position_queue", [_item("failed")])
    assert any("without a reason" in text for text in audit(Path(lake.address)).broken)


def test_an_item_that_failed_with_its_reason_breaks_nothing(lake: Lake) -> None:
    put(lake, "position_queue", [_item("failed", error="not held")])
    assert audit(Path(lake.address)).broken == []


def test_an_item_that_waits_is_pending(lake: Lake) -> None:
    put(lake, "position_queue", [_item("waiting")])
    assert pending(Path(lake.address)) == 1


def test_a_row_that_landed_twice_is_found_though_its_landings_differ(lake: Lake) -> None:
    put(lake, "position_queue", [_item("waiting")])
    table = DeltaTable(lake.uri("position_queue"))
    write_deltalake(table, table.to_pyarrow_table(), mode="append")
    assert any("there twice" in text for text in audit(Path(lake.address)).broken)


def test_an_empty_lake_differs_from_no_positions_in_nothing(lake: Lake) -> None:
    assert differences(Path(lake.address), []) == []
