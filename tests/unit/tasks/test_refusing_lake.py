"""A lake that refuses: told once, nothing lost, and all of it lands when the cause is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import Schema
from structlog.testing import capture_logs

from slotwise.errors import LakeError
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.writer import TableWriter
from slotwise.landing import Rows
from slotwise.valuation import position_row
from tasks.context import Context
from tasks.landing import land
from tests.support.independent_reader import rows_of
from tests.support.values import NOON, position


def send(shared: Context, con_id: int) -> None:
    row = position_row(position(con_id), None, source="stream")
    shared.landing.append(Rows("position_updates"), to_batch([row], POSITION_UPDATES.sent))


def landed(lake: Lake) -> list[int]:
    return sorted(con_id for (con_id,) in rows_of(lake, "position_updates", "con_id"))


def test_a_broken_table_is_told_once_and_all_lands_after_it_is_mended(
    shared: Context, lake: Lake
) -> None:
    """A file stands in the place of the table's log, for several beats."""
    send(shared, 1)
    land()
    table = Path(lake.address) / "position_updates"
    shutil.move(table, table.with_name("moved"))
    table.write_text("no table")
    with capture_logs() as logs:
        for con_id in (2, 3, 4):
            send(shared, con_id)
            land()
    [error] = [entry for entry in logs if entry["log_level"] == "error"]
    assert "position_updates" in error["reason"]
    assert len(logs) <= 2, "no more than once for each reason"
    table.unlink()
    shutil.move(table.with_name("moved"), table)
    with capture_logs() as logs:
        land()
        land()
    assert [entry["event"] for entry in logs].count("the lake works again") == 1
    assert landed(lake) == [1, 2, 3, 4]
    assert shared.landing.length() == 0


FULL_DISK = """
import resource, sys
from slotwise.errors import LakeError
from slotwise.lake.store import Lake
from slotwise.lake.lander import Lander
from tests.support.memory_stream import MemoryStream
from tests.unit.tasks.test_refusing_lake import rows_for
from slotwise.landing import Rows
from tests.support.values import NOON

lake, stream = Lake(sys.argv[1]), MemoryStream()
lander = Lander(lake, stream)
stream.append(Rows("position_updates"), rows_for(1))
lander.land(NOON)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
stream.append(Rows("position_updates"), rows_for(2))
for _ in range(3):
    try:
        lander.land(NOON)
    except LakeError as error:
        print("refused", "\\n" in str(error))
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
lander.land(NOON)
"""


def rows_for(con_id: int) -> pa.RecordBatch:
    """Make one row."""
    row = position_row(position(con_id), None, source="stream")
    return to_batch([row], POSITION_UPDATES.sent)


def test_a_full_disk_loses_and_doubles_nothing(lake: Lake) -> None:
    """No file may grow beyond 100 bytes for a while, as on a disk that is full."""
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, lake.address],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.stdout.splitlines() == ["refused False"] * 3, ended.stderr
    assert landed(lake) == [1, 2]


def test_a_table_of_a_newer_version_is_refused_with_what_to_do(lake: Lake) -> None:
    handle = lake.open("position_updates")
    handle.alter.add_columns(Schema.from_arrow(pa.schema([pa.field("colour", pa.string())])).fields)
    with pytest.raises(LakeError, match=r"newer Slotwise \(it has colour\): upgrade"):
        TableWriter(lake, "position_updates")


def test_a_table_of_an_older_version_gets_what_it_lacks(tmp_path: Path) -> None:
    """Its rows stay, and read as null where there was no column."""
    from deltalake import write_deltalake

    new = POSITION_UPDATES.schema.names[-4]
    lake = Lake(str(tmp_path / "lake"))
    old = pa.schema([field for field in POSITION_UPDATES.schema if field.name != new])
    values = {name: [None] for name in old.names} | {"con_id": [1], "date": [NOON.date()]}
    write_deltalake(lake.uri("position_updates"), pa.table(values, old), partition_by=["date"])
    writer = TableWriter(lake, "position_updates")
    writer.land([rows_for(2)], 1, NOON)
    found = rows_of(lake, "position_updates", f"con_id, {new} IS NULL")
    assert sorted(con_id for con_id, _ in found) == [1, 2]
    assert dict(found)[1] is True
