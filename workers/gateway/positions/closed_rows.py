"""ClosedRows: each holding that closes becomes a row of `position_updates`, through the spool.

Whatever happens afterwards to boards, queue, workers, Redis or lake, the row waits on disk until it
has landed. The same closing may be kept twice; its rows then say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.position import Position
from slotwise.rules.landing import Head, Rows
from slotwise.rules.valuation import position_row

#: Rows in one entry of the landing stream: some 60 kilobytes.
CHUNK = 500


class RowKeeper(Protocol):
    """Keep rows until they land; `spool_sender.SpoolSender` does."""

    def keep(self, head: Head, rows: pa.RecordBatch | None = None) -> int: ...


class ClosedRows:
    """Send rows of quantity 0 to the lake."""

    def __init__(self, keeper: RowKeeper) -> None:
        self._keeper = keeper
        self._misfits = MisfitLog(POSITION_UPDATES.name)

    def keep(self, closed: Sequence[Position]) -> None:
        """Keep a row of each position, whose quantity is 0."""
        for start in range(0, len(closed), CHUNK):
            rows = [position_row(p, None, source="close") for p in closed[start : start + CHUNK]]
            batch = self._misfits.batch(rows, POSITION_UPDATES.sent, ("account", "con_id"))
            if batch is not None:
                self._keeper.keep(Rows(POSITION_UPDATES.name), batch)
