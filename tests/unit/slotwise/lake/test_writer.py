"""The writer: one commit a landing, its offset in the same commit, and no second writer beside."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from slotwise.errors import LakeError, StaleWriterError
from slotwise.lake.arrow import to_batch
from slotwise.lake.disk import LOG
from slotwise.lake.maintenance import table_state
from slotwise.lake.queries import commits
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import CHECKPOINT_EACH, Lake
from slotwise.lake.writer import TableWriter, append_rows
from slotwise.rules.valuation import position_row
from tests.support.independent_reader import rows_of
from tests.support.values import NOON, at, position

TABLE = POSITION_UPDATES.name


def rows(*con_ids: int) -> pa.RecordBatch:
    values = [position_row(position(con_id), None, source="batch") for con_id in con_ids]
    return to_batch(values, POSITION_UPDATES.sent)


def landed(lake: Lake) -> list[int]:
    return sorted(con_id for (con_id,) in rows_of(lake, TABLE, "con_id"))


def test_many_batches_are_one_commit(lake: Lake) -> None:
    assert TableWriter(lake, TABLE).land([rows(1, 2), rows(3)], 7, NOON) == 3
    assert (landed(lake), commits(lake, TABLE)) == ([1, 2, 3], 1)


def test_rows_say_when_they_landed_and_on_which_utc_day(lake: Lake) -> None:
    late = datetime(2026, 6, 1, 23, 59, 59, 999999, tzinfo=UTC)
    writer = TableWriter(lake, TABLE)
    writer.land([rows(1)], 1, late)
    writer.land([rows(2)], 2, late + timedelta(microseconds=1))
    found = rows_of(lake, TABLE, "con_id, landed_at::VARCHAR")
    assert len(found) == 2
    days = {str(partition["date"]) for partition in lake.open(TABLE).partitions()}
    assert days == {str(date(2026, 6, 1)), str(date(2026, 6, 2))}


def test_the_offset_is_known_to_the_next_process_that_opens_the_table(lake: Lake) -> None:
    assert TableWriter(lake, TABLE).offset == 0
    TableWriter(lake, TABLE).land([rows(1)], 41 << 20 | 5, NOON)
    assert TableWriter(lake, TABLE).offset == 41 << 20 | 5


def test_the_offset_never_goes_back(lake: Lake) -> None:
    """What was recovered lands without an entry of the stream."""
    writer = TableWriter(lake, TABLE)
    writer.land([rows(1)], 9, NOON)
    writer.land([rows(2)], 0, NOON)
    assert (writer.offset, TableWriter(lake, TABLE).offset) == (9, 9)


def test_a_landing_may_be_no_row_at_all(lake: Lake) -> None:
    """It is a fence then: others notice it, and it leaves no file."""
    idle, other = TableWriter(lake, TABLE), TableWriter(lake, TABLE)
    assert idle.land([], 3, NOON) == 0
    assert (TableWriter(lake, TABLE).offset, lake.open(TABLE).file_uris()) == (3, [])
    with pytest.raises(StaleWriterError):
        other.land([rows(1)], 4, NOON)


def test_of_two_writers_at_one_version_the_second_is_refused(lake: Lake) -> None:
    one, other = TableWriter(lake, TABLE), TableWriter(lake, TABLE)
    one.land([rows(1)], 5, NOON)
    with pytest.raises(StaleWriterError) as raised:
        other.land([rows(1)], 5, NOON)
    assert "\n" not in str(raised.value)
    assert landed(lake) == [1]
    again = TableWriter(lake, TABLE)
    assert again.offset == 5
    again.land([rows(2)], 6, NOON)
    assert landed(lake) == [1, 2]


def test_a_refused_writer_stays_refused_until_it_is_opened_anew(lake: Lake) -> None:
    one, other = TableWriter(lake, TABLE), TableWriter(lake, TABLE)
    one.land([rows(1)], 5, NOON)
    for _ in range(3):
        with pytest.raises(StaleWriterError):
            other.land([rows(9)], 6, NOON)
    assert landed(lake) == [1]


def test_rows_appended_by_hand_are_noticed_and_numbered(lake: Lake) -> None:
    """Two never have one number: what a number says of order would be wrong."""
    writer = TableWriter(lake, TABLE)
    append_rows(lake, TABLE, rows(1))
    with pytest.raises(StaleWriterError):
        writer.land([rows(2)], 5, NOON)
    TableWriter(lake, TABLE).land([rows(2)], 5, NOON)
    append_rows(lake, TABLE, rows(3))
    assert sorted(rows_of(lake, TABLE, "landing, con_id")) == [(1, 1), (2, 2), (3, 3)]


def test_rows_appended_by_hand_can_be_read_when_they_are_reported_and_the_disk_has_them_after(
    lake: Lake,
) -> None:
    """A gateway that is notified finds the commit; only the caller waits for the disk."""
    order: list[object] = []

    class Watched(Lake):
        def on_disk(self, table: str, before: int, handle: DeltaTable) -> None:
            super().on_disk(table, before, handle)
            order.append("on disk")

    synced = Watched(lake.address, sync=True)
    append_rows(synced, TABLE, rows(7), lambda done: order.append(landed(lake)))
    assert order == [[7], "on disk"]


def test_the_handle_is_opened_anew_in_time_and_nothing_is_lost(lake: Lake) -> None:
    writer = TableWriter(lake, TABLE)
    count = CHECKPOINT_EACH + 2
    for number in range(1, count + 1):
        writer.land([rows(number)], number, at(number))
    assert landed(lake) == list(range(1, count + 1))
    assert (writer.offset, commits(lake, TABLE)) == (count, count)


def test_another_landing_is_noticed_also_after_the_handle_was_opened_anew(lake: Lake) -> None:
    writer = TableWriter(lake, TABLE)
    for number in range(1, CHECKPOINT_EACH + 1):
        writer.land([rows(number)], number, NOON)
    TableWriter(lake, TABLE).land([rows(500)], 500, NOON)
    with pytest.raises(StaleWriterError):
        writer.land([rows(501)], 501, NOON)


@pytest.mark.parametrize("sync", [False, True], ids=["not synced", "synced"])
def test_a_table_is_whole_by_its_checkpoint_alone(lake: Lake, sync: bool) -> None:
    """The writer does not know the table's files; its checkpoint has them with their counts."""
    writer = TableWriter(Lake(lake.address, sync=sync), TABLE)
    for number in range(1, CHECKPOINT_EACH + 2):
        writer.land([rows(number)], number, NOON)
    for commit in (Path(lake.uri(TABLE)) / LOG).glob("*.json"):
        if int(commit.stem) < CHECKPOINT_EACH:
            commit.unlink()
    assert landed(lake) == list(range(1, CHECKPOINT_EACH + 2))
    state = table_state(lake, TABLE)
    assert (state.rows, state.files) == (CHECKPOINT_EACH + 1, CHECKPOINT_EACH + 1)
    assert (writer.offset, TableWriter(lake, TABLE).offset) == (CHECKPOINT_EACH + 1,) * 2


class OvertakenLake(Lake):
    """A lake in which another writer lands just before a table is opened for the second time."""

    opened = 0

    def open_without_files(self, table: str) -> DeltaTable:
        self.opened += 1
        if self.opened == 2:
            TableWriter(Lake(self.address), table).land([rows(500)], 500, NOON)
        return super().open_without_files(table)


def test_another_landing_is_noticed_also_while_the_handle_is_opened_anew(lake: Lake) -> None:
    writer = TableWriter(OvertakenLake(lake.address), TABLE)
    for number in range(1, CHECKPOINT_EACH):
        writer.land([rows(number)], number, NOON)
    with pytest.raises(StaleWriterError):
        writer.land([rows(CHECKPOINT_EACH)], CHECKPOINT_EACH, NOON)


def test_a_table_that_vanished_is_a_lake_error_of_one_line(lake: Lake) -> None:
    writer = TableWriter(lake, TABLE)
    shutil.rmtree(lake.uri(TABLE))
    with open(lake.uri(TABLE), "w") as file:
        file.write("in the way")
    with pytest.raises(LakeError) as raised:
        writer.land([rows(1)], 1, NOON)
    assert "\n" not in str(raised.value)
