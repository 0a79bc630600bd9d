"""DeltaLakePositionWriter: the handler that lands streamed updates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec
import pyarrow as pa

from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.numbering import Numbering
from slotwise.position import Position
from slotwise.rules.landing import Head, Rows
from slotwise.rules.marks.marked import Marked
from slotwise.rules.valuation import position_row
from slotwise.update import PositionUpdate

#: Puts an entry on its way to the landing stream.
Append: TypeAlias = Callable[[Head, pa.RecordBatch], object]


class DeltaLakePositionWriter:
    """Turn updates of active contracts into rows of `position_updates`."""

    name = "delta-lake-position-writer"

    def __init__(
        self, append: Append, mark_of: Callable[[int], Marked | None] = lambda con_id: None
    ) -> None:
        self._append = append
        self._mark_of = mark_of
        self._misfits = MisfitLog(POSITION_UPDATES.name)
        #: For positions that carry no number of a gateway.
        self._numbering = Numbering()

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        """Send one row per holding to the lake; one that does not fit is logged and left out."""
        rows = [
            position_row(
                self._with_number(update.position),
                update.quote,
                source="stream",
                strategy=update.strategies[0] if update.strategies else None,
                observed_at=update.observed_at,
                mark=self._mark_of(update.position.contract.con_id),
            )
            for update in updates
        ]
        batch = self._misfits.batch(rows, POSITION_UPDATES.sent, ("account", "con_id"))
        if batch is not None:
            self._append(Rows(POSITION_UPDATES.name), batch)

    def _with_number(self, position: Position) -> Position:
        if position.sequence is not None:
            return position
        return msgspec.structs.replace(position, sequence=self._numbering.next())
