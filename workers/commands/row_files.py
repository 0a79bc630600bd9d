"""Rows of a command as CSV and Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from workers.commands.output import writing

if TYPE_CHECKING:
    import pyarrow as pa

#: Beginnings of a text that a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@")


def print_rows(stream: TextIO, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write a line for each row, below the names of the columns; unknown is empty."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(schema.names)
    for row in rows:
        writer.writerow([csv_text(row[name]) for name in schema.names])


def write_rows(file: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write rows into a Parquet file; raises SlotwiseError where it cannot be written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(list(rows), schema)
    # Opened here: given a path, pyarrow deletes what is there when it cannot be written.
    with writing(file), file.open("wb") as sink:
        pq.write_table(table, sink)


def csv_text(value: Any) -> Any:
    """Return what a cell has: a text is none that a spreadsheet would run."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value
