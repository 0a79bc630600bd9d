"""Read the lake with deltalake and pyarrow alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable


class Landed(NamedTuple):
    """Hold what has landed since a time."""

    rows: int
    contracts: int
    newest: datetime | None


def landed_since(lake: Path, since: datetime) -> Landed:
    """Count rows of `position_updates` that were committed after a time."""
    table = DeltaTable(str(lake / "position_updates"))
    rows = table.to_pyarrow_dataset().to_table(
        columns=["con_id", "landed_at"], filter=pc.field("landed_at") > pa.scalar(since)
    )
    if not rows.num_rows:
        return Landed(0, 0, None)
    newest: datetime | None = pc.max(rows["landed_at"]).as_py()
    return Landed(rows.num_rows, len(rows["con_id"].unique()), newest)


class BatchTimes(NamedTuple):
    """Hold when the first and the last batch were made, and when the last was worked off."""

    first_made: datetime
    last_made: datetime
    last_done: datetime


def batch_times(lake: Path, since: datetime) -> BatchTimes | None:
    """Return when batches after a time were made and worked off; None where there are none."""
    table = DeltaTable(str(lake / "position_queue"))
    rows = table.to_pyarrow_dataset().to_table(
        columns=["leased_at", "ended_at"], filter=pc.field("leased_at") > pa.scalar(since)
    )
    if not rows.num_rows:
        return None
    first: datetime = pc.min(rows["leased_at"]).as_py()
    last: datetime = pc.max(rows["leased_at"]).as_py()
    done: datetime | None = pc.max(rows["ended_at"]).as_py()
    return BatchTimes(first, last, done or last)


def commits(lake: Path) -> int:
    """Count the commits of all tables so far."""
    return sum(
        DeltaTable(str(table)).version()
        for table in lake.iterdir()
        if (table / "_delta_log").is_dir()
    )
