"""The handler that lands streamed updates: one row a holding, in one entry."""

from __future__ import annotations

import pyarrow as pa

from slotwise.handlers import Handler
from slotwise.landing import Head, Rows
from slotwise.position_writer import DeltaLakePositionWriter
from slotwise.update import PositionUpdate
from tests.support.values import at, position, quote


def test_it_sends_one_row_per_holding_with_its_most_important_strategy() -> None:
    sent: list[tuple[Head, pa.RecordBatch]] = []
    writer = DeltaLakePositionWriter(lambda head, rows: sent.append((head, rows)))
    assert isinstance(writer, Handler)
    writer.on_updates(
        [
            PositionUpdate(
                position=position(1, 2),
                quote=quote(1, last=110),
                strategies=("first", "second"),
                observed_at=at(3),
            ),
            PositionUpdate(position=position(2, 0), quote=None, strategies=(), observed_at=at(4)),
        ]
    )
    [(head, rows)] = sent
    assert head == Rows("position_updates")
    columns = ("con_id", "strategy", "source", "market_value", "observed_at", "item_id")
    assert rows.select(columns).to_pylist() == [
        dict(zip(columns, (1, "first", "stream", 220, at(3), None), strict=True)),
        dict(zip(columns, (2, None, "stream", 0, at(4), None), strict=True)),
    ]
