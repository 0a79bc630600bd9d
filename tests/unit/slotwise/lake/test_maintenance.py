"""Maintenance changes no row, disturbs no landing, and may be killed at any point."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.lake.arrow import to_batch
from slotwise.lake.lander import Lander
from slotwise.lake.maintenance import SMALL_FILES, maintain, maintain_table, table_state
from slotwise.lake.queries import failed_items, unfinished_items
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.writer import OpenSince, TableWriter, open_since
from slotwise.rules.landing import Answered, Inserted, Leased, Retried
from slotwise.rules.position_queue import Attempt, Batch
from slotwise.rules.valuation import position_row
from tests.support.effort import examples
from tests.support.independent_reader import rows_of
from tests.support.memory_stream import MemoryStream
from tests.support.values import NOON, item, position

TABLE = POSITION_UPDATES.name
TODAY = NOON.date()


def rows(*con_ids: int) -> pa.RecordBatch:
    values = [position_row(position(con_id), None, source="batch") for con_id in con_ids]
    return to_batch(values, POSITION_UPDATES.sent)


def land(lake: Lake, count: int, start: int = 0, when: datetime = NOON) -> None:
    writer = TableWriter(lake, TABLE)
    for number in range(start, start + count):
        writer.land([rows(number)], writer.offset + 1, when)


def con_ids(lake: Lake) -> list[int]:
    return sorted(con_id for (con_id,) in rows_of(lake, TABLE, "con_id"))


def test_many_small_files_become_one_and_no_row_changes(lake: Lake) -> None:
    land(lake, SMALL_FILES + 1)
    [done] = maintain(lake, TODAY)
    assert (done.table, done.files_before, done.files_after) == (TABLE, SMALL_FILES + 1, 1)
    assert con_ids(lake) == list(range(SMALL_FILES + 1))
    state = table_state(lake, TABLE)
    assert (state.rows, state.files) == (SMALL_FILES + 1, 1)
    assert state.maintained_at is not None


def test_a_lake_that_needs_nothing_is_left_alone(lake: Lake) -> None:
    land(lake, 10)
    version = lake.open(TABLE).version()
    assert maintain(lake, TODAY) == []
    assert lake.open(TABLE).version() == version


def test_a_closed_day_is_compacted_once(lake: Lake) -> None:
    land(lake, 12)
    tomorrow = TODAY + timedelta(days=1)
    assert [done.files_after for done in maintain(lake, tomorrow)] == [1]
    assert maintain(lake, tomorrow) == []
    assert con_ids(lake) == list(range(12))


def test_the_offset_and_the_handles_of_a_writer_live_through_it(lake: Lake) -> None:
    """The writer's handle is older than the compaction, and lands on."""
    writer = TableWriter(lake, TABLE)
    for number in range(SMALL_FILES + 1):
        writer.land([rows(number)], 10 + number, NOON, {"spool": 100 + number})
    maintain(lake, TODAY)
    assert writer.land([rows(999)], 500, NOON) == 1
    fresh = TableWriter(lake, TABLE)
    assert (fresh.offset, fresh.spool_offset("spool")) == (500, 100 + SMALL_FILES)
    assert con_ids(lake) == [*range(SMALL_FILES + 1), 999]


def test_of_two_compactions_at_one_version_the_second_is_refused(lake: Lake) -> None:
    """deltalake 1.6.4 to 1.6.6 commit both, and each row is there twice."""
    land(lake, 20)
    first, second = (DeltaTable(lake.uri(TABLE)) for _ in range(2))
    first.optimize.compact()
    with pytest.raises(CommitFailedError):
        second.optimize.compact()
    assert con_ids(lake) == list(range(20))


def test_two_maintenances_at_once_double_nothing(lake: Lake) -> None:
    land(lake, SMALL_FILES + 20)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(maintain_table, lake, TABLE, TODAY) for _ in range(2)]
        assert any(one.result() for one in both)
    assert con_ids(lake) == list(range(SMALL_FILES + 20))


def test_landings_beside_it_lose_nothing(lake: Lake) -> None:
    """A writer lands all the time while three maintenances run."""
    land(lake, SMALL_FILES + 1)
    writer, number = TableWriter(lake, TABLE), 1000
    with ThreadPoolExecutor(1) as pool:
        for _ in range(3):
            maintained = pool.submit(maintain_table, lake, TABLE, TODAY)
            while not maintained.done() or number % 20:
                writer.land([rows(number)], number, NOON)
                number += 1
            maintained.result()
    maintain_table(lake, TABLE, TODAY)
    assert con_ids(lake) == [*range(SMALL_FILES + 1), *range(1000, number)]


def _maintain_for_ever(address: str, ready: Any) -> None:
    lake = Lake(address)
    ready.set()
    for start in range(10_000, 100_000, SMALL_FILES):
        maintain_table(lake, TABLE, TODAY)
        land(lake, 5, start)


def test_a_kill_in_the_midst_leaves_a_table_as_good_as_before(lake: Lake) -> None:
    """kill -9 at two moments; what was landed before is there, once."""
    expected = SMALL_FILES + 1
    land(lake, expected)
    spawn = multiprocessing.get_context("spawn")
    for pause_s in (0.0, 0.05):
        ready = spawn.Event()
        process = spawn.Process(target=_maintain_for_ever, args=(lake.address, ready))
        process.start()
        try:
            assert ready.wait(30)
            time.sleep(pause_s)  # Any moment will do: there is nothing to wait for.
        finally:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
        found = [con_id for con_id in con_ids(lake) if con_id < expected]
        assert found == list(range(expected))
        land(lake, SMALL_FILES, expected)
        expected += SMALL_FILES
    assert len(con_ids(lake)) == len(set(con_ids(lake)))
    maintain(lake, TODAY)
    assert table_state(lake, TABLE).files == 1


def test_a_table_of_an_earlier_version_gets_the_properties_of_this_one(lake: Lake) -> None:
    handle = lake.open(TABLE)
    handle.alter.set_table_properties({"delta.logRetentionDuration": "interval 6 hours"})
    maintain(lake, TODAY)
    found = lake.open(TABLE).metadata().configuration["delta.logRetentionDuration"]
    assert found == "interval 1 hours"


def test_a_start_reads_no_more_than_it_needs(lake: Lake) -> None:
    """Before the first landing it reads all; then by landings, whatever the clock says."""
    assert open_since(lake, "position_queue") == OpenSince()
    stream = MemoryStream()
    stream.append(Inserted((item(1),), NOON))
    lander = Lander(lake, stream)
    lander.land(NOON)
    assert open_since(lake, "position_queue") == OpenSince(1, 1)
    stream.append(Answered(Attempt("b", "w", NOON, NOON), ("i1",), ()), rows(1))
    lander.land(NOON - timedelta(hours=5))
    assert open_since(lake, "position_queue") == OpenSince(2, 2)


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(("insert", "lease", "succeed", "fail", "retry", "land", "wait",
                               "set back")), st.integers(1, 4)),
    max_size=25,
)  # fmt: skip


@settings(max_examples=examples(20))
@given(STEPS)
def test_a_bounded_start_finds_the_same_queue_as_a_full_one(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    """Whatever happened, over days, whatever clocks say, with items that are put back."""
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    lake.create()
    stream, now, number = MemoryStream(), datetime(2026, 6, 1, tzinfo=UTC), 0
    lander = Lander(lake, stream, max_attempts=1)
    inserted = 0
    batches: list[Batch] = []
    for what, size in [("insert", 2), ("land", 1), *steps, ("land", 1)]:
        match what:
            case "insert":
                # The gateway's clock is not ours.
                reported_at = now + timedelta(hours=size * 9 - 20)
                new = range(10 * inserted + 1, 10 * inserted + size + 1)
                inserted += 1
                stream.append(Inserted(tuple(map(item, new)), reported_at))
            case "lease":
                number += 1
                queue = lander.queue(now)
                overdue = queue.overdue(now)
                queue.release(overdue, now)
                given_out = queue.get_batches([f"b{number}"], now, 10.0, size)
                batches += given_out
                stream.append(Leased(tuple(overdue), tuple(given_out), now))
            case "succeed" | "fail" if batches:
                batch = batches[-1]
                attempt = Attempt(batch.batch_id, "w", now, now)
                ids = tuple(one.item_id for one in batch.items)
                if what == "fail":
                    stream.append(Answered(attempt, (), tuple((i, "no") for i in ids)))
                else:
                    stream.append(
                        Answered(attempt, ids, ()), rows(*(one.con_id for one in batch.items))
                    )
            case "retry":
                stream.append(Retried(tuple(failed_items(lake)), now))
            case "wait":
                now += timedelta(hours=size * 7)
            case "set back":
                now -= timedelta(hours=size * 7)
            case "land":
                lander.land(now)
                now += timedelta(seconds=5)
    bounded = unfinished_items(lake, open_since(lake, "position_queue").queue)
    full = unfinished_items(lake)
    assert sorted(bounded, key=lambda row: row.item_id) == sorted(full, key=lambda r: r.item_id)
