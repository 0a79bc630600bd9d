"""A question opens the files that may have an answer, however many others there are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable

from slotwise.lake.arrow import to_batch
from slotwise.lake.maintenance import SMALL_FILES, maintain
from slotwise.lake.schemas import POSITION_UPDATES, TABLES
from slotwise.lake.sql import ask
from slotwise.lake.store import STATISTICS, Lake, properties_of
from slotwise.lake.writer import TableWriter
from slotwise.rules.valuation import position_row
from tests.support.values import NOON, position

PROPERTY = "delta.dataSkippingStatsColumns"


def land(lake: Lake, offset: int, day: int = 0) -> None:
    row = position_row(position(offset), None, source="batch")
    rows = pa.Table.from_batches([to_batch([row], POSITION_UPDATES.sent)])
    TableWriter(lake, POSITION_UPDATES.name).land(
        rows.to_batches(), offset, NOON + timedelta(days=day)
    )


def known_of_files(lake: Lake, name: str) -> set[str]:
    """Return the columns for which the log has each file's least and greatest value."""
    files = pa.table(DeltaTable(lake.uri(name)).get_add_actions(flatten=True))
    known = {column.removeprefix("max.") for column in files.column_names if "max." in column}
    return {c for c in known if None not in files.column(f"max.{c}").to_pylist()}


def test_every_column_that_is_named_is_one_of_a_table() -> None:
    assert set().union(*(table.schema.names for table in TABLES.values())) >= STATISTICS
    for table in TABLES.values():
        assert "landing" in properties_of(table)[PROPERTY].split(",")


def test_the_log_has_which_landings_are_in_a_file_also_behind_a_compaction(lake: Lake) -> None:
    """The number of a landing is behind the first 32 columns, of which Delta would know."""
    assert POSITION_UPDATES.schema.names.index("landing") > 32
    land(lake, 1)
    wanted = {"account", "con_id", "landing", "landed_at", "observed_at"}
    assert known_of_files(lake, "position_updates") >= wanted
    for number in range(2, SMALL_FILES + 3):
        land(lake, number)
    assert [done.table for done in maintain(lake, NOON.date())] == ["position_updates"]
    assert known_of_files(lake, "position_updates") >= wanted


def test_files_of_other_landings_are_not_opened(lake: Lake) -> None:
    """The question is answered although a file that it does not need cannot be read."""
    land(lake, 1)
    [path] = DeltaTable(lake.uri("position_updates")).file_uris()
    land(lake, 2, day=1)
    Path(path).write_bytes(b"unreadable")
    rows = ask(
        lake, "SELECT con_id FROM position_updates WHERE landing > 1 OR (landing IS NULL AND"
        " landed_at > TIMESTAMP '2020-01-01')", "position_updates",
    )  # fmt: skip
    assert [row["con_id"] for row in rows] == [2]


def test_a_table_of_an_older_version_follows_with_its_next_maintenance(lake: Lake) -> None:
    DeltaTable(lake.uri("position_updates")).alter.set_table_properties({PROPERTY: "con_id"})
    maintain(lake, NOON.date())
    land(lake, 1)
    assert known_of_files(lake, "position_updates") >= {"landing", "landed_at"}
