"""Queue items of one contract: each as it stands, the newest first, and no more than fit."""

from __future__ import annotations

from datetime import timedelta

from slotwise.lake.contract_items import MOST_ITEMS, contract_items
from slotwise.lake.store import Lake
from slotwise.queue_item import QueueRow
from tests.support.landed import put
from tests.support.values import ACCOUNT, NOON, at

QUEUE = "position_queue"
TODAY = NOON.date()


def row(item_id: str, con_id: int, revision: int, seconds: float, state: str) -> QueueRow:
    return QueueRow(item_id, ACCOUNT, con_id, 2, state, revision, 1, at(seconds))  # type: ignore[arg-type]  # a state's name


def test_items_are_of_the_contract_alone_as_they_stand_the_newest_first(lake: Lake) -> None:
    put(lake, QUEUE, [row("a", 7, 1, 0, "waiting"), row("x", 8, 1, 1, "waiting")])
    put(lake, QUEUE, [row("a", 7, 2, 0, "leased"), row("b", 7, 1, 5, "waiting")])
    put(lake, QUEUE, [row("a", 7, 3, 0, "succeeded")])
    found = contract_items(lake, 7, TODAY)
    assert [(one.item_id, one.state) for one in found] == [("b", "waiting"), ("a", "succeeded")]


def test_items_of_earlier_days_are_left_out(lake: Lake) -> None:
    put(lake, QUEUE, [row("a", 7, 1, 0, "waiting")])
    assert contract_items(lake, 7, TODAY + timedelta(days=1)) == []


def test_no_more_items_than_a_person_looks_at(lake: Lake) -> None:
    put(lake, QUEUE, [row(f"i{n}", 7, 1, n, "succeeded") for n in range(MOST_ITEMS + 5)])
    found = contract_items(lake, 7, TODAY)
    assert len(found) == MOST_ITEMS
    assert found[0].item_id == f"i{MOST_ITEMS + 4}"
