"""Days written as maintenance leaves them: one file a table and day, by deltalake alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

#: Time of a written day that has rows: what is measured is how many days there are.
HELD = timedelta(minutes=80)
#: Columns that distinguish items and batches.
NAMES = ("item_id", "batch_id")


def sample_of(table: Path, day: date) -> pa.Table:
    """Read the rows of a day, as what other days are made of: of items that have ended."""
    rows = DeltaTable(str(table)).to_pyarrow_table(partitions=[("date", "=", day.isoformat())])
    if "state" not in rows.schema.names:
        return rows
    ended = rows.filter(pc.field("state") == "succeeded")["item_id"]
    return rows.filter(pc.field("item_id").isin(ended.to_pylist()))


def write_days(
    table: Path,
    sample: pa.Table,
    sampled: timedelta,
    days: Sequence[date],
    numbered: str,
    held: timedelta = HELD,
) -> None:
    """Write days that repeat a sample of length `sampled`, in one commit and one file a day.

    A day has rows of this much time, `held`. `numbered` is the application id of the number of
    landings, which goes on.
    """
    handle = DeltaTable(str(table))
    landing: int = handle.transaction_version(numbered) or 0
    lowest: int = pc.min(sample["landing"]).as_py()
    landings: int = pc.max(sample["landing"]).as_py() - lowest + 1
    first = pc.min(sample["landed_at"]).as_py()
    pieces = []
    for day in days:
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        for number in range(held // sampled):
            shift = begin - first + number * sampled
            name = f"{day:%y%m%d}{number}"
            pieces.append(_shifted(sample, shift, name, day, landing + 1 - lowest))
            landing += landings
    write_deltalake(
        handle,
        pa.concat_tables(pieces),
        mode="append",
        commit_properties=CommitProperties(app_transactions=[Transaction(numbered, landing)]),
    )


def _shifted(sample: pa.Table, by: timedelta, name: str, day: date, landings: int) -> pa.Table:
    """Move the rows of a sample to another time, under other names and numbers of landings."""
    # Any: the stubs lack the type that a function of Arrow makes of a column.
    join: Any = pc.binary_join_element_wise
    piece = sample
    for place, field in enumerate(sample.schema):
        column: Any = piece.column(place)
        if pa.types.is_timestamp(field.type):
            column = pc.add(column, pa.scalar(by, pa.duration("us")))
        elif field.name in NAMES:
            column = join(pa.scalar(name), column.cast(pa.string()), "-")
        elif field.name == "landing":
            column = pc.add(column, pa.scalar(landings, pa.int64()))
        elif field.name == "date":
            column = pa.array([day] * len(piece), pa.date32())
        else:
            continue
        piece = piece.set_column(place, field, column.cast(field.type))
    return piece
