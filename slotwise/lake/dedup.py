"""Rows that land once: a report that is sent again, by whomever, adds nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pyarrow as pa

from slotwise.lake.schemas import table_of
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake


def not_yet_landed(
    lake: Lake, table: str, batches: Sequence[pa.RecordBatch], now: datetime
) -> Sequence[pa.RecordBatch]:
    """Drop the rows whose name has landed, or comes a second time; raises LakeError."""
    definition = table_of(table)
    once = definition.once
    if once is None or not batches:
        return batches
    # Whole days, so that midnight is no gap.
    since = (now - timedelta(days=definition.once_days)).date()
    landed = ask(lake, f"SELECT {once} FROM {table} WHERE date >= DATE '{since}'", table)
    seen = {row[once] for row in landed}
    kept = []
    for batch in batches:
        new = []
        for name in batch.column(once).to_pylist():
            new.append(name not in seen)
            seen.add(name)
        kept.append(batch.filter(pa.array(new, pa.bool_())))
    return kept
