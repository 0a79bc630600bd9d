"""Data files of a table on a local disk, and the actions of the log that name them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from slotwise.lake.log_scan import UNREADABLE


def landings_of(path: Path) -> set[int]:
    """Return the numbers of the landings that a data file has rows of; empty where it has none."""
    try:
        column = pq.read_table(path, columns=["landing"]).column("landing")
    except (*UNREADABLE, KeyError):
        return set()
    return {int(number) for number in pc.unique(column).to_pylist() if number is not None}


def add_of(table: Path, path: Path) -> dict[str, Any]:
    """Return the action that adds a data file."""
    there = path.stat()
    return {
        "path": path.relative_to(table).as_posix(),
        "partitionValues": partition_of(path),
        "size": there.st_size,
        "modificationTime": int(there.st_mtime * 1000),
        "dataChange": True,
        "stats": json.dumps({"numRecords": pq.read_metadata(path).num_rows}),
    }


def rows_in(handle: DeltaTable, paths: Sequence[Path], table: Path) -> int:
    """Count the rows of these files by the log."""
    wanted = {path.relative_to(table).as_posix() for path in paths}
    files = pa.table(handle.get_add_actions(flatten=True)).select(["path", "num_records"])
    return sum(int(row["num_records"] or 0) for row in files.to_pylist() if row["path"] in wanted)


def partition_of(path: Path) -> dict[str, str]:
    """Return the partition of a data file, by its folder."""
    name, _, value = path.parent.name.partition("=")
    return {name: value} if value else {}


def rows_of(add: dict[str, Any]) -> int:
    """Return the number of rows in an action's statistics; 0 where there are none."""
    try:
        return int(json.loads(add.get("stats") or "{}").get("numRecords", 0))
    except ValueError:
        return 0
