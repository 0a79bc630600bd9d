"""A lake that is absent, or another one: nothing is made or lost, and the reason is given."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from slotwise.errors import LakeAbsentError, LakeError
from slotwise.lake.arrow import to_batch
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.book import book
from slotwise.lake.first_start import begin
from slotwise.lake.lander import Lander
from slotwise.lake.latest_positions import keep_book
from slotwise.lake.maintenance import maintain, table_state
from slotwise.lake.position_checkpoints import make_position_checkpoint
from slotwise.lake.queries import failed_items, queue_totals
from slotwise.lake.registry_store import open_registry
from slotwise.lake.schemas import POSITION_UPDATES, SILENCES, TABLES
from slotwise.lake.store import Lake
from slotwise.lake.writer import TableWriter, append_rows
from slotwise.rules.landing import Rows
from slotwise.rules.valuation import position_row
from tests.support.independent_reader import rows_of
from tests.support.landed import put
from tests.support.memory_stream import MemoryStream
from tests.support.values import NOON, at, position

POSITIONS = POSITION_UPDATES.name


class Memory:
    """What the system remembers of its lake."""

    def __init__(self, identity: str | None = None) -> None:
        self.identity = identity

    def expected(self) -> str | None:
        return self.identity

    def asked(self) -> str | None:
        return self.identity

    def remember(self, identity: str) -> object:
        self.identity = self.identity or identity
        return self.identity


def _activate(lake: Lake) -> object:
    return open_registry(lake).activate("condor", [1], NOON)


USES: list[Callable[[Lake], object]] = [
    lambda lake: lake.open("quotes"),
    lambda lake: lake.complete(),
    open_registry,
    _activate,
    book,
    queue_totals,
    failed_items,
    lambda lake: positions_as_of(lake, NOON),
    lambda lake: keep_book(lake, NOON),
    lambda lake: make_position_checkpoint(lake, NOON),
    lambda lake: maintain(lake, NOON.date()),
    lambda lake: append_rows(lake, SILENCES.name, to_batch([], SILENCES.sent)),
    lambda lake: TableWriter(lake, POSITIONS),
    lambda lake: Lander(lake, MemoryStream()).land(NOON),
    lambda lake: Lander(lake, MemoryStream()).queue(NOON),
]


@pytest.fixture(scope="module")
def other_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with an identity of its own: copy it."""
    folder = tmp_path_factory.mktemp("other") / "lake"
    Lake(str(folder)).create()
    return folder


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "another folder", "another lake"])
@pytest.mark.parametrize("use", range(len(USES)))
def test_no_use_of_an_absent_lake_makes_anything(
    tmp_path: Path, empty_lake: Path, other_lake: Path, there: str, use: int
) -> None:
    folder = tmp_path / "lake"
    if there == "another lake":
        shutil.copytree(other_lake, folder)
    elif there != "nothing":
        folder.mkdir()
    if there == "another folder":
        (folder / "note.txt").write_text("not a lake")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    lake = Lake(str(folder), Memory(Lake(str(empty_lake)).identity()).expected)
    with pytest.raises(LakeAbsentError) as raised:
        USES[use](lake)
    assert str(folder) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


def test_a_state_of_an_absent_table_is_empty(tmp_path: Path) -> None:
    """Metrics and screens go on."""
    assert table_state(Lake(str(tmp_path / "lake")), "quotes").rows == 0
    assert list(tmp_path.iterdir()) == []


def test_a_first_start_on_an_empty_place_makes_the_lake(tmp_path: Path) -> None:
    memory, folder = Memory(), tmp_path / "deep" / "lake"
    lake = Lake(str(folder), memory.expected)
    begin(lake, memory, tmp_path / "lake-spool" / "gateway-17.sqlite")
    assert memory.identity == lake.identity()
    assert {path.name for path in folder.iterdir()} == set(TABLES)
    begin(lake, memory)
    assert memory.identity == lake.identity()


def test_a_first_start_in_a_folder_of_other_lakes_makes_the_lake(tmp_path: Path) -> None:
    """As `lake/` is after a demo, whose own lake is in `lake/demo-...`."""
    Lake(str(tmp_path / "demo-1")).create()
    memory = Memory()
    begin(Lake(str(tmp_path), memory.expected), memory)
    assert memory.identity is not None


@pytest.mark.parametrize("why", ["remembered", "spool", "other things"])
def test_where_anything_speaks_of_an_earlier_lake_none_is_made(tmp_path: Path, why: str) -> None:
    """A mount that is missing looks like an empty place."""
    folder, spool = tmp_path / "lake", tmp_path / "lake-spool" / "gateway-17.sqlite"
    memory = Memory("a lake of before" if why == "remembered" else None)
    if why == "spool":
        spool.parent.mkdir()
        db = sqlite3.connect(spool)
        db.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        db.execute("INSERT INTO about VALUES ('lake', 'a lake of before')")
        db.commit()
        db.close()
    if why == "other things":
        folder.mkdir()
        (folder / "note.txt").write_text("not a lake")
    with pytest.raises(LakeAbsentError, match="lake init"):
        begin(Lake(str(folder), memory.expected), memory, spool)
    assert not (folder / POSITIONS).exists()


def test_an_existing_lake_is_the_systems_when_it_has_none(lake: Lake) -> None:
    """An upgrade, or an emptied Redis."""
    memory = Memory()
    begin(lake, memory)
    assert memory.identity == lake.identity()


def test_a_lake_of_an_older_version_gets_the_tables_it_lacks(lake: Lake) -> None:
    shutil.rmtree(lake.uri("set_aside"))
    with pytest.raises(LakeError, match="no table set_aside"):
        lake.open("set_aside")
    Lander(lake, MemoryStream()).land(NOON)
    lake.open("set_aside")


def test_an_older_copy_put_back_while_a_landing_goes_on_is_noticed(
    lake: Lake, tmp_path: Path
) -> None:
    """It is the same lake, and its log ends earlier: what the lander had open is of no use."""
    stream = MemoryStream()
    lander = Lander(lake, stream)
    copy = tmp_path / "copy"
    shutil.copytree(lake.address, copy)
    for number in (1, 2):
        stream.append(Rows(POSITIONS), row_of(number))
        lander.land(at(number))
    shutil.rmtree(lake.address)
    shutil.copytree(copy, lake.address)
    stream.append(Rows(POSITIONS), row_of(3))
    with suppress(LakeError):  # unless the file system gave its folder another number
        lander.land(at(3))
    lander.land(at(4))
    assert rows_of(lake, POSITIONS, "con_id") == [(3,)]
    assert lake.open(POSITIONS).version() == 1, "no gap in its log"


def row_of(number: int, when: datetime = NOON) -> pa.RecordBatch:
    held = position(number, observed_at=when)
    return to_batch([position_row(held, None, source="stream")], POSITION_UPDATES.sent)


def test_rows_for_a_lake_unmounted_during_a_commit_are_not_reported_as_landed(lake: Lake) -> None:
    """The commit went into the mount point; the entries stay in the stream and land again."""
    mount = Path(lake.address)
    stream = MemoryStream()
    stream.append(Rows(POSITIONS), row_of(1))

    class Unmounting(TableWriter):
        def land(self, *args: object, **named: object) -> int:
            if mount.exists() and not mount.with_name("away").exists():
                mount.rename(mount.with_name("away"))
                mount.mkdir()
            return super().land(*args, **named)  # type: ignore[arg-type]  # as it was called

    lander = Lander(lake, stream, open_writer=Unmounting)
    with pytest.raises(LakeError):
        lander.land(NOON)
    assert stream.length() == 1
    shutil.rmtree(mount)
    mount.with_name("away").rename(mount)
    Lander(lake, stream).land(NOON)
    assert rows_of(lake, POSITIONS, "con_id") == [(1,)]


def test_what_reads_goes_on_with_the_lake_that_came_back(lake: Lake) -> None:
    put(lake, POSITIONS, [position_row(position(1), None, source="batch")])
    away = Path(lake.address).with_name("away")
    Path(lake.address).rename(away)
    with pytest.raises(LakeAbsentError):
        book(lake)
    away.rename(lake.address)
    assert [one.contract.con_id for one in book(lake)] == [1]


@pytest.mark.parametrize("place", ["missing", "empty"])
def test_a_table_is_not_written_where_the_lake_went_after_its_landing_began(
    tmp_path: Path, place: str
) -> None:
    """Delta would make the folders of its file again, in an empty mount point."""
    folder = tmp_path / "lake"
    lake = Lake(str(folder))
    lake.create()
    writer = TableWriter(lake, POSITIONS)
    folder.rename(tmp_path / "away")
    if place == "empty":
        folder.mkdir()
    rows = to_batch([position_row(position(1), None, source="batch")], POSITION_UPDATES.sent)
    with pytest.raises(LakeError):
        writer.land([rows], 1, NOON)
    assert not folder.exists() or list(folder.iterdir()) == []
    if place == "empty":
        folder.rmdir()
    (tmp_path / "away").rename(folder)
    assert writer.land([rows], 1, NOON) == 1
