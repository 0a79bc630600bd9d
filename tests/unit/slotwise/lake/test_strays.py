"""A lake whose volume goes in the midst of a write: nothing is left in its place, or lost."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, Transaction, write_deltalake

from slotwise.errors import LakeAbsentError, LakeError, StaleWriterError
from slotwise.lake.arrow import to_batch
from slotwise.lake.disk import LOG
from slotwise.lake.latest_positions import KEEP
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.strays import place_of, writing
from slotwise.lake.writer import APP_ID, TableWriter, stamped
from slotwise.rules.valuation import position_row
from tests.support.effort import examples
from tests.support.independent_reader import rows_of
from tests.support.landed import put
from tests.support.values import NOON, position

POSITIONS = POSITION_UPDATES.name
#: A landing of one row takes about this, seconds.
LANDING_S = 0.02


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def row(con_id: int) -> object:
    return position_row(position(con_id), None, source="batch")


def write_row(
    lake: Lake,
    con_id: int,
    *,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Write a row as a landing does, with something that happens before or after the commit."""
    handle = DeltaTable(lake.uri(POSITIONS))
    upto = [Transaction(APP_ID, (handle.transaction_version(APP_ID) or 0) + 1)]
    batch = to_batch([row(con_id)], POSITION_UPDATES.sent)
    rows = stamped(pa.Table.from_batches([batch]), POSITION_UPDATES, NOON, 1)
    with lake.writing(POSITIONS) as write:
        before()
        write_deltalake(handle, rows, mode="append", commit_properties=write.properties(upto))
        after()


def leave_empty(mount: Path) -> None:
    mount.mkdir()


def leave_what_is_not_ours(mount: Path) -> None:
    """Files of another program, one of them in a folder of the name of our table."""
    (mount / POSITIONS / "date=2026-01-01").mkdir(parents=True)
    (mount / POSITIONS / "date=2026-01-01" / "notes.parquet").write_bytes(b"theirs")
    (mount / "README").write_text("mount the lake here")


@pytest.mark.parametrize("in_its_place", [leave_empty, leave_what_is_not_ours])
def test_what_is_written_elsewhere_is_removed(
    lake: Lake, in_its_place: Callable[[Path], None]
) -> None:
    mount = Path(lake.address)
    before: dict[str, bytes] = {}
    away = mount.with_name("away")
    put(lake, POSITIONS, [row(1)])

    def go() -> None:
        mount.rename(away)
        in_its_place(mount)
        before.update(contents(mount))

    with pytest.raises(LakeAbsentError, match="went away"):
        write_row(lake, 2, before=go)
    assert contents(mount) == before
    assert sorted(p.name for p in mount.iterdir()) == sorted({Path(f).parts[0] for f in before})
    shutil.rmtree(mount)
    away.rename(mount)
    assert rows_of(lake, POSITIONS, "con_id") == [(1,)]


@pytest.mark.parametrize("lands", [0, 1, 4])
def test_another_lake_in_its_place_is_left_as_it_was(lake: Lake, lands: int) -> None:
    """Behind, as far, and ahead: its log has no commit of ours."""
    mount, before = Path(lake.address), list[dict[str, bytes]]()
    put(lake, POSITIONS, [row(1)])

    def go() -> None:
        mount.rename(mount.with_name("away"))
        other = Lake(str(mount))
        other.create()
        for number in range(lands):
            put(other, POSITIONS, [row(77 + number)])
        before.append(contents(mount / POSITIONS / LOG))

    with pytest.raises(LakeAbsentError, match="went away"):
        write_row(lake, 2, before=go)
    assert contents(mount / POSITIONS / LOG) == before[0]
    held = rows_of(Lake(str(mount)), POSITIONS, "con_id")
    assert sorted(held) == [(77 + number,) for number in range(lands)]


def test_a_write_that_ended_before_the_lake_went_counts_once(lake: Lake) -> None:
    """Its commit is in the lake: the landing fails, and is known when the lake is back."""
    mount, writer = Path(lake.address), TableWriter(lake, POSITIONS)

    def go() -> None:
        mount.rename(mount.with_name("away"))
        mount.mkdir()

    with pytest.raises(LakeAbsentError, match="went away"):
        write_row(lake, 1, after=go)
    assert list(mount.iterdir()) == []
    mount.rmdir()
    mount.with_name("away").rename(mount)
    assert rows_of(lake, POSITIONS, "con_id") == [(1,)]
    with pytest.raises(StaleWriterError):
        writer.land([to_batch([row(1)], POSITION_UPDATES.sent)], 1, NOON)


def test_a_volume_that_goes_between_the_look_and_the_write_leaves_nothing(lake: Lake) -> None:
    """The place is that of before the look: the empty mount point is another one."""
    mount = Path(lake.address)
    put(lake, POSITIONS, [row(1)])
    handle, place = DeltaTable(lake.uri(POSITIONS)), place_of(mount)
    mount.rename(mount.with_name("away"))
    mount.mkdir()
    rows = stamped(
        pa.Table.from_batches([to_batch([row(2)], POSITION_UPDATES.sent)]),
        POSITION_UPDATES,
        NOON,
        2,
    )
    with pytest.raises(LakeAbsentError, match="went away"), writing(mount, POSITIONS, place) as one:
        write_deltalake(handle, rows, mode="append", commit_properties=one.properties())
    assert list(mount.iterdir()) == []


def test_a_keep_is_not_made_in_an_empty_mount_point(lake: Lake) -> None:
    """It is a table of its own, which a write makes."""
    mount = Path(lake.address)
    put(lake, POSITIONS, [row(1)])

    def write_keep() -> None:
        with lake.writing(KEEP) as write:
            mount.rename(mount.with_name("away"))
            mount.mkdir()
            rows = pa.table({"con_id": [1]})
            write_deltalake(f"{mount}/{KEEP}", rows, commit_properties=write.properties())

    with pytest.raises(LakeAbsentError, match="went away"):
        write_keep()
    assert list(mount.iterdir()) == []


def test_a_lake_that_comes_and_goes_at_any_moment_leaves_nothing_and_loses_nothing(
    lake: Lake,
) -> None:
    mount, seed = Path(lake.address), random.Random(18)
    away = mount.with_name("away")
    landed: set[int] = set()
    for con_id in range(1, examples(60)):
        writer = TableWriter(lake, POSITIONS)
        upto = writer.offset + 1
        pause_s = seed.uniform(0.0, LANDING_S)

        def go(pause_s: float = pause_s) -> None:
            time.sleep(pause_s)
            mount.rename(away)
            mount.mkdir()

        thread = threading.Thread(target=go)
        thread.start()
        with suppress(LakeError):
            writer.land([to_batch([row(con_id)], POSITION_UPDATES.sent)], upto, NOON)
            landed.add(con_id)
        thread.join()
        left = list(mount.iterdir())
        assert left == [], con_id
        mount.rmdir()
        away.rename(mount)
        # Told as landed is landed; what failed may be there, and then its offset says so.
        there = {con_id for (con_id,) in rows_of(lake, POSITIONS, "con_id")}
        assert landed <= there
        assert (con_id in there) == (TableWriter(lake, POSITIONS).offset == upto)
        landed |= there & {con_id}
