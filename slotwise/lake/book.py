"""The book: the latest word on every holding that has reached the lake, or is about to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from slotwise.contract import Contract, PositionKey
from slotwise.lake.book_keep import COLUMNS, CONTRACT, kept_upto, latest
from slotwise.lake.queries import quoted
from slotwise.lake.store import Lake
from slotwise.landing import Answered, Entry, Rows
from slotwise.position import Position


def book(lake: Lake, account: str | None = None) -> list[Position]:
    """Read the latest state of every holding, in one account with its models or in all.

    What was closed within the last day is there with quantity 0. Raises LakeError.
    """
    where = "true" if account is None else f"(account = {quoted(account)} OR account LIKE " + (
        f"{quoted(f'{account}/%')})"
    )  # fmt: skip
    upto = kept_upto(lake)
    return [_position(row) for row in latest(lake, upto, None, where).to_pylist()]


def with_landing(positions: Iterable[Position], entries: Iterable[Entry]) -> list[Position]:
    """Add what entries of the landing stream say: the newest word on each holding counts."""
    newest: dict[PositionKey, Position] = {position.key: position for position in positions}
    for entry in entries:
        match entry.head:
            case Answered() | Rows(table="position_updates") if entry.rows is not None:
                for row in _rows(entry.rows):
                    position = _position(row)
                    known = newest.get(position.key)
                    if known is None or position.observed_at >= known.observed_at:
                        newest[position.key] = position
            case _:
                pass
    return list(newest.values())


def still_held(positions: Iterable[Position]) -> list[Position]:
    """Leave out what is closed."""
    return [position for position in positions if position.quantity != 0]


def _rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = batch.select(list(COLUMNS)).to_pylist()
    return rows


def _position(row: dict[str, Any]) -> Position:
    at: datetime = row["observed_at"]
    return Position(
        account=row["account"],
        contract=Contract(**{n: row[n] for n in CONTRACT if row[n] is not None}),
        quantity=row["quantity"],
        avg_cost=row["avg_cost"] or Decimal(0),
        observed_at=at,
    )
