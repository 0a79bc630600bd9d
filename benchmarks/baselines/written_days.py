"""Days written as maintenance leaves them: one file a table and day, by deltalake alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake

#: Time of a written day that has rows: what is measured is how many days there are.
HELD = timedelta(hours=4)
#: Columns that tell items and batches apart.
NAMES = ("item_id", "batch_id")


def sample_of(table: Path, day: date) -> pa.Table:
    """Read the rows of a day, as what other days are made of: of items that have ended."""
    rows = DeltaTable(str(table)).to_pyarrow_table(partitions=[("date", "=", day.isoformat())])
    if "state" not in rows.schema.names:
        return rows
    ended = rows.filter(pc.field("state") == "succeeded")["item_id"]
    return rows.filter(pc.field("item_id").isin(ended.to_pylist()))


def write_day(table: Path, sample: pa.Table, sampled: timedelta, day: date) -> None:
    """Write a day that repeats a sample which is so long, in one commit and one file."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    first = pc.min(sample["landed_at"]).as_py()
    pieces = []
    # Any: the stubs do not know what a function of Arrow makes of a column.
    join: Any = pc.binary_join_element_wise
    for number in range(HELD // sampled):
        shift = pa.scalar(begin - first + number * sampled, pa.duration("us"))
        piece = sample
        for place, field in enumerate(sample.schema):
            column: Any = piece.column(place)
            if pa.types.is_timestamp(field.type):
                column = pc.add(column, shift)
            elif field.name in NAMES:
                column = join(pa.scalar(f"{day:%y%m%d}{number}"), column.cast(pa.string()), "-")
            elif field.name == "date":
                column = pa.array([day] * len(piece), pa.date32())
            else:
                continue
            piece = piece.set_column(place, field, column.cast(field.type))
        pieces.append(piece)
    write_deltalake(str(table), pa.concat_tables(pieces), mode="append")
