"""DeltaLakePositionWriter: the handler that lands streamed updates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import pyarrow as pa

from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.landing import Head, Rows
from slotwise.update import PositionUpdate
from slotwise.valuation import position_row

#: Puts an entry on its way to the landing stream.
Append: TypeAlias = Callable[[Head, pa.RecordBatch], object]


class DeltaLakePositionWriter:
    """Turn updates of active contracts into rows of `position_updates`."""

    name = "delta-lake-position-writer"

    def __init__(self, append: Append) -> None:
        self._append = append

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        """Send one row per holding to the lake."""
        rows = [
            position_row(
                update.position,
                update.quote,
                source="stream",
                strategy=update.strategies[0] if update.strategies else None,
                observed_at=update.observed_at,
            )
            for update in updates
        ]
        self._append(Rows(POSITION_UPDATES.name), to_batch(rows, POSITION_UPDATES.sent))
