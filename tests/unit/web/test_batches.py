"""Batches as pages draw them: times after the lease, of the newest ones, from the lake."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from slotwise.lake.store import Lake
from slotwise.queue_item import QueueRow
from tests.support.landed import put
from tests.support.values import NOON, at
from workers.web.ages import epoch_ms
from workers.web.batches import SINCE, BatchRow, batch_facts, read_batches


def item(name: str, batch: str, leased: float, ended: float | None, error: str = "") -> QueueRow:
    return QueueRow(
        name, "DU1", 7, 2, "leased" if ended is None else "succeeded", 2, 1, at(leased - 1),
        batch_id=batch, leased_at=at(leased), worker="host:7",
        ended_at=None if ended is None else at(ended), error=error or None,
    )  # fmt: skip


def test_batches_have_times_of_their_items_the_oldest_first(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.create()
    before = -SINCE.total_seconds() - 1
    put(lake, "position_queue", [item("z", "old", before, before + 1)], at(before))
    put(lake, "position_queue", [item("a", "b1", -60, None), item("b", "b1", -60, None)], at(-59))
    ended = [item("a", "b1", -60, -58.5), item("b", "b1", -60, -58, "no price")]
    put(lake, "position_queue", ended, at(-57))
    put(lake, "position_queue", [item("c", "b2", -5, None)], at(-4))
    first, second = read_batches(lake, NOON).batches
    assert (first.leased_at, first.answered_ms, first.landed_ms) == (epoch_ms(at(-60)), 2000, 1000)
    assert (first.items, first.errors, first.worker) == (2, 1, "host:7")
    assert (second.items, second.answered_ms, second.landed_ms) == (1, None, None)


def test_clocks_that_differ_make_no_time_negative() -> None:
    row = BatchRow(
        leased_at=NOON, ended_at=NOON - timedelta(seconds=1), landed_at=NOON, items=1, errors=0,
        worker=None,
    )  # fmt: skip
    assert (batch_facts(row).answered_ms, batch_facts(row).landed_ms) == (0, 1000)
