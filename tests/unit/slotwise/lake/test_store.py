"""The lake as a place: made when missing, found when there, refused in one line when unusable."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from slotwise.errors import LakeError
from slotwise.lake.queries import queue_totals
from slotwise.lake.registry_store import open_registry
from slotwise.lake.schemas import TABLES
from slotwise.lake.store import Lake


def test_every_table_is_made_with_its_schema_and_rules(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "deep" / "lake"))
    lake.create()
    for name, table in TABLES.items():
        made = DeltaTable(lake.uri(name))
        assert [field.name for field in made.schema().fields] == table.schema.names
        assert made.metadata().partition_columns == ["date"]
        assert made.metadata().configuration["delta.appendOnly"] == "true"


def test_what_is_there_is_left_as_it_is(lake: Lake) -> None:
    lake.create()
    assert {DeltaTable(lake.uri(name)).version() for name in TABLES} == {0}


def test_an_address_may_end_in_a_slash(tmp_path: Path) -> None:
    assert Lake(f"{tmp_path}/").uri("quotes") == f"{tmp_path}/quotes"


@pytest.fixture
def unusable(tmp_path: Path) -> Lake:
    """A lake below a regular file: no user, not even root, can make a folder there."""
    (tmp_path / "file").write_text("no folder")
    return Lake(str(tmp_path / "file" / "lake"))


def test_an_unusable_place_is_a_lake_error_of_one_line(unusable: Lake) -> None:
    for use in (unusable.create, lambda: unusable.open("quotes"), lambda: queue_totals(unusable)):
        with pytest.raises(LakeError) as raised:
            use()
        assert unusable.address in str(raised.value)
        assert "\n" not in str(raised.value)


def test_a_registry_in_an_unusable_place_is_a_lake_error(unusable: Lake) -> None:
    with pytest.raises(LakeError):
        open_registry(unusable.address)


def test_a_table_that_is_no_table_is_a_lake_error(lake: Lake) -> None:
    for log in Path(lake.uri("quotes"), "_delta_log").glob("*.json"):
        log.write_text("this is no Delta log")
    with pytest.raises(LakeError) as raised:
        lake.open("quotes")
    assert "\n" not in str(raised.value)
