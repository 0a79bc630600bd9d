"""A lake that refuses: reported once, nothing lost, and all of it lands when the cause is gone."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, Schema
from structlog.testing import capture_logs

from slotwise.errors import LakeError, StaleWriterError
from slotwise.lake.arrow import to_batch
from slotwise.lake.book import book
from slotwise.lake.maintenance import SMALL_FILES
from slotwise.lake.maintenance import maintain as maintain_lake
from slotwise.lake.registry_store import open_registry
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.writer import TableWriter
from slotwise.rules.landing import Rows
from slotwise.rules.valuation import position_row
from tasks.context import Context
from tasks.landing import land
from tasks.maintenance import maintain
from tests.support.independent_reader import rows_of
from tests.support.landed import put
from tests.support.values import NOON, position
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.registry_watch import RegistryWatch


def send(shared: Context, con_id: int) -> None:
    row = position_row(position(con_id), None, source="stream")
    shared.landing.append(Rows("position_updates"), to_batch([row], POSITION_UPDATES.sent))


def landed(lake: Lake) -> list[int]:
    return sorted(con_id for (con_id,) in rows_of(lake, "position_updates", "con_id"))


def test_a_broken_table_is_reported_once_and_all_lands_after_it_is_mended(
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
from slotwise.errors import LakeError, StaleWriterError
from slotwise.lake.store import Lake
from slotwise.lake.lander import Lander
from tests.support.memory_stream import MemoryStream
from tests.unit.tasks.test_refusing_lake import rows_for
from slotwise.rules.landing import Rows
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


def test_a_column_that_another_engine_added_is_kept_and_left_null(lake: Lake) -> None:
    """Before a writer opens the table, and while one has it open."""
    writer = TableWriter(lake, "position_updates")
    handle = lake.open("position_updates")
    handle.alter.add_columns(Schema.from_arrow(pa.schema([pa.field("colour", pa.string())])).fields)
    with pytest.raises(StaleWriterError):
        writer.land([rows_for(1)], 1, NOON)
    TableWriter(lake, "position_updates").land([rows_for(1)], 1, NOON)
    assert rows_of(lake, "position_updates", "con_id, colour") == [(1, None)]
    assert [one.contract.con_id for one in book(lake)] == [1]
    maintain_lake(lake, NOON.date())


def test_a_foreign_column_that_may_not_be_null_is_reported(tmp_path: Path) -> None:
    """Nothing that we could write there would be right."""
    theirs = pa.schema([*POSITION_UPDATES.schema, pa.field("colour", pa.string(), nullable=False)])
    lake = Lake(str(tmp_path / "lake"))
    DeltaTable.create(lake.uri("position_updates"), theirs, partition_by=["date"])
    with pytest.raises(LakeError, match="column colour that may not be null"):
        TableWriter(lake, "position_updates")


def test_a_table_of_an_older_version_gets_what_it_lacks(tmp_path: Path) -> None:
    """Its rows stay, and read as null where there was no column."""
    from deltalake import write_deltalake

    new = POSITION_UPDATES.schema.names[-4]
    lake = Lake(str(tmp_path / "lake"))
    old = pa.schema([field for field in POSITION_UPDATES.schema if field.name != new])
    row = dict.fromkeys(old.names) | {"con_id": 1, "date": NOON.date()}
    theirs = pa.Table.from_pylist([row], old)
    write_deltalake(lake.uri("position_updates"), theirs, partition_by=["date"])
    writer = TableWriter(lake, "position_updates")
    writer.land([rows_for(2)], 1, NOON)
    found = rows_of(lake, "position_updates", f"con_id, {new} IS NULL")
    assert sorted(con_id for con_id, _ in found) == [1, 2]
    assert dict(found)[1] is True


def test_maintenance_of_a_table_that_refuses_stops_no_other(shared: Context, lake: Lake) -> None:
    """One line for each reason; of a lake that is absent one line in all."""
    for number in range(SMALL_FILES + 1):
        put(lake, "position_updates", [position_row(position(number), None, source="batch")],
            datetime.now(UTC))  # fmt: skip
    log = Path(lake.uri("quotes"), "_delta_log", f"{0:020}.json")
    log.write_text("no Delta log")
    with capture_logs() as logs:
        done = maintain()
    assert [one["table"] for one in done] == ["position_updates"]
    assert [one["what"] for one in logs if one["event"] == "not maintained"] == ["quotes"]
    shutil.move(lake.address, f"{lake.address}-away")
    with capture_logs() as logs:
        assert maintain() == []
    assert len([one for one in logs if one["event"] == "not maintained"]) == 1


def test_a_registry_that_cannot_be_read_is_reported_once(lake: Lake) -> None:
    """Each reason once, and once that it can be read again; its last content holds."""
    open_registry(lake.address).activate("condor", [1], NOON)
    seen: list[ActiveContracts] = []

    async def run() -> None:
        watch = RegistryWatch(open_registry(lake.address), seen.append)
        running = asyncio.create_task(watch.run())

        async def look() -> None:
            watch.request()
            await asyncio.sleep(0.2)

        await look()
        shutil.move(lake.address, f"{lake.address}-away")
        for _ in range(3):
            await look()
        shutil.move(f"{lake.address}-away", lake.address)
        await look()
        running.cancel()

    with capture_logs() as logs:
        asyncio.run(run())
    assert [one["event"] for one in logs] == [
        "registry not read, going on with what it said",
        "registry read again",
    ]
    assert [list(active.wanted) for active in seen] == [[1], [1]]
