"""`lake check` and `lake repair`: whatever a power cut tears, the rest is there and all lands."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from slotwise.errors import LakeError
from slotwise.lake.book import book
from slotwise.lake.check import check_lake
from slotwise.lake.disk import LOG, POINTER, commit_file
from slotwise.lake.latest_positions import KEEP, keep_book
from slotwise.lake.maintenance import SMALL_FILES, maintain
from slotwise.lake.repair import repair_lake
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import CHECKPOINT_EACH, Lake
from slotwise.rules.valuation import position_row
from tests.support.independent_reader import rows_of
from tests.support.landed import put
from tests.support.values import NOON, position

POSITIONS = POSITION_UPDATES.name


def land(lake: Lake, *con_ids: int) -> None:
    """One landing for each contract."""
    for con_id in con_ids:
        put(lake, POSITIONS, [position_row(position(con_id), None, source="batch")])


def landed(lake: Lake) -> list[int]:
    return sorted(con_id for (con_id,) in rows_of(lake, POSITIONS, "con_id"))


def table(lake: Lake, name: str = POSITIONS) -> Path:
    return Path(lake.address) / name


def repair(lake: Lake) -> list[str]:
    done = repair_lake(lake, lake.identity_known() or None, NOON)
    assert check_lake(lake) == []
    assert repair_lake(lake, None, NOON) == [], "nothing is left to mend"
    return [f"{one.done}; gone: {one.gone}" for one in done]


def kinds(lake: Lake) -> list[str]:
    return [fault.kind for fault in check_lake(lake)]


@pytest.mark.parametrize("torn", [b"", b'{"commitInfo":{"timest', b"\0" * 900])
def test_a_torn_newest_commit_is_cut(lake: Lake, torn: bytes) -> None:
    land(lake, 1, 2, 3)
    commit_file(table(lake), 3).write_bytes(torn)
    assert kinds(lake) == ["torn_tail"]
    [done] = repair(lake)
    assert done.startswith("commits 3 to 3 cut")
    land(lake, 4)
    assert landed(lake) == [1, 2, 4]
    assert [path.name for path in Path(f"{lake.address}-repaired").rglob("*.json")]


def test_a_newest_commit_that_lost_its_last_line_is_torn(lake: Lake) -> None:
    """The number of its landing is written last."""
    land(lake, 1, 2)
    whole = commit_file(table(lake), 2).read_text().splitlines()
    commit_file(table(lake), 2).write_text("\n".join(whole[:-1]))
    put(lake, "quotes", [])
    assert kinds(lake) in (["torn_tail"], []), "a commit of an older version cannot be told apart"


def test_a_newest_commit_without_its_data_is_cut(lake: Lake) -> None:
    land(lake, 1, 2)
    [newest] = set(DeltaTable(lake.uri(POSITIONS)).file_uris()) - set(
        DeltaTable(lake.uri(POSITIONS), version=1).file_uris()
    )
    Path(newest.removeprefix("file://")).write_bytes(b"PAR1")
    assert kinds(lake) == ["torn_tail"]
    repair(lake)
    assert landed(lake) == [1]


@pytest.mark.parametrize("how", ["missing", "torn"])
def test_a_commit_in_the_midst_is_found_by_the_number_of_its_landing(lake: Lake, how: str) -> None:
    """Its file of rows is there: the rows say with which landing they came."""
    land(lake, 1, 2, 3, 4)
    if how == "missing":
        commit_file(table(lake), 2).unlink()
    else:
        commit_file(table(lake), 2).write_text('{"comm')
    assert kinds(lake) == [f"{how}_commit"]
    [done] = repair(lake)
    assert "1 row found" in done
    assert landed(lake) == [1, 2, 3, 4]


def test_a_missing_commit_without_its_rows_is_reported_as_gone(lake: Lake) -> None:
    land(lake, 1, 2, 3)
    [gone] = set(DeltaTable(lake.uri(POSITIONS), version=2).file_uris()) - set(
        DeltaTable(lake.uri(POSITIONS), version=1).file_uris()
    )
    commit_file(table(lake), 2).unlink()
    Path(gone.removeprefix("file://")).unlink()
    [done] = repair(lake)
    assert "gone: what commit 2 added" in done
    assert landed(lake) == [1, 3]


def test_a_compaction_whose_commit_is_missing_doubles_nothing(lake: Lake) -> None:
    """Its new file has the rows of the old ones, which stay."""
    land(lake, *range(SMALL_FILES + 1))
    version = lake.open(POSITIONS).version()
    maintain(lake, NOON.date())
    land(lake, 1000, 1001)
    for path in (table(lake) / LOG).glob("*checkpoint*"):
        path.unlink()
    commit_file(table(lake), version + 1).unlink()
    repair(lake)
    assert landed(lake) == [*range(SMALL_FILES + 1), 1000, 1001]


@pytest.mark.parametrize("how", ["torn", "pointer", "both"])
def test_a_torn_checkpoint_is_made_anew_from_the_log(lake: Lake, how: str) -> None:
    land(lake, *range(CHECKPOINT_EACH + 2))
    log = table(lake) / LOG
    [checkpoint] = log.glob("*.checkpoint.parquet")
    if how in ("torn", "both"):
        checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    if how in ("pointer", "both"):
        (log / POINTER).write_text('{"vers')
    assert kinds(lake)
    repair(lake)
    land(lake, 1000)
    assert landed(lake) == [*range(CHECKPOINT_EACH + 2), 1000]


def test_a_log_whose_only_checkpoint_is_torn_is_made_anew_from_the_files(lake: Lake) -> None:
    """The commits before it were cleaned away; old files of a compaction are there yet."""
    identity = lake.identity()
    lake.verify()
    land(lake, *range(SMALL_FILES + 1))
    maintain(lake, NOON.date())
    land(lake, 1000)
    log = table(lake) / LOG
    newest = lake.open(POSITIONS).version()
    for path in log.glob("*.json"):
        if int(path.stem) < newest - 1:
            path.unlink()
    for checkpoint in log.glob("*.checkpoint.parquet"):
        checkpoint.write_bytes(b"torn")
    assert "no_base" in kinds(lake)
    repair(lake)
    assert landed(lake) == [*range(SMALL_FILES + 1), 1000]
    assert lake.identity() == identity
    land(lake, 1001)
    assert 1001 in landed(lake)


def test_a_live_file_that_is_gone_is_taken_out_and_named(lake: Lake) -> None:
    land(lake, 1, 2, 3)
    uri = DeltaTable(lake.uri(POSITIONS), version=1).file_uris()[0]
    Path(uri.removeprefix("file://")).unlink()
    assert kinds(lake) == ["missing_file"]
    [done] = repair(lake)
    assert "gone: 1 row" in done
    assert landed(lake) == [2, 3]


def test_a_broken_table_made_of_others_is_set_aside(lake: Lake) -> None:
    land(lake, 1)
    keep_book(lake, NOON)
    for path in (Path(lake.address) / KEEP / LOG).iterdir():
        path.write_bytes(b"")
    assert kinds(lake)
    repair(lake)
    assert [one.contract.con_id for one in book(lake)] == [1]
    assert keep_book(lake, NOON)


def test_an_object_store_has_nothing_to_repair() -> None:
    for use in (check_lake, lambda lake: repair_lake(lake, None, NOON)):
        with pytest.raises(LakeError, match="object store"):
            use(Lake("s3://bucket/lake"))
