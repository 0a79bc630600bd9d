"""Rows of a command as a file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slotwise.errors import SlotwiseError
from workers.commands.row_files import write_rows

FULL = Path("/dev/full")
SCHEMA = pa.schema([("con_id", pa.int64())])


def test_rows_are_a_parquet_file(tmp_path: Path) -> None:
    file = tmp_path / "held.parquet"
    write_rows(file, [{"con_id": 1}], SCHEMA)
    assert pq.read_table(file).to_pylist() == [{"con_id": 1}]


@pytest.mark.skipif(not FULL.is_char_device(), reason="this system has no device that is full")
def test_what_cannot_be_written_is_not_deleted(tmp_path: Path) -> None:
    link = tmp_path / "held.parquet"
    link.symlink_to(FULL)
    with pytest.raises(SlotwiseError) as failed:
        write_rows(link, [{"con_id": 1}], SCHEMA)
    assert str(failed.value) == f"{link} cannot be written: No space left on device"
    assert link.is_symlink()
