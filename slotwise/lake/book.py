"""The book: the latest word on every holding that has reached the lake, or is about to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pyarrow as pa

from slotwise.contract import Contract, PositionKey
from slotwise.lake.foreign import NAMED_AT_MOST, skip
from slotwise.lake.latest_positions import COLUMNS, CONTRACT, kept_upto, latest
from slotwise.lake.newest import NEEDED, is_newer, unusable_rows
from slotwise.lake.query_parts import quoted
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.position import Position
from slotwise.rules.landing import POSITIONS, Answered, Entry, Rows


def book(lake: Lake, account: str | None = None) -> list[Position]:
    """Read the latest state of every holding, by account and id, in one account or in all.

    An account goes with its models. What was closed within the last day is there with quantity 0.
    Raises LakeError.
    """
    where = "true" if account is None else f"(account = {quoted(account)} OR account LIKE " + (
        f"{quoted(f'{account}/%')})"
    )  # fmt: skip
    upto = kept_upto(lake)
    for row in ask(lake, unusable_rows(upto, NAMED_AT_MOST), POSITIONS):
        skip(POSITIONS, row, "it lacks what a holding needs")
    rows = latest(lake, upto, None, where).to_pylist()
    return sorted(map(_position, rows), key=lambda position: position.key)


def with_landing(positions: Iterable[Position], entries: Iterable[Entry]) -> list[Position]:
    """Add what entries of the landing stream say: the newest word on each holding counts."""
    newest: dict[PositionKey, Position] = {position.key: position for position in positions}
    for entry in entries:
        match entry.head:
            case Answered() | Rows(table="position_updates") if entry.rows is not None:
                for row in _rows(entry.rows):
                    if any(row[name] is None for name in NEEDED if name in row):
                        skip(POSITIONS, row, "it lacks what a holding needs")
                        continue
                    position = _position(row)
                    known = newest.get(position.key)
                    if known is None or is_newer(position, known):
                        newest[position.key] = position
            case _:
                pass
    return list(newest.values())


def still_held(positions: Iterable[Position]) -> list[Position]:
    """Return the rows that are open."""
    return [position for position in positions if position.quantity != 0]


def _rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    # Entries of an older sender lack the newest columns.
    names = [name for name in COLUMNS if name in batch.schema.names]
    rows: list[dict[str, Any]] = batch.select(names).to_pylist()
    return rows


def _position(row: dict[str, Any]) -> Position:
    at: datetime = row["observed_at"]
    known = {name: row[name] for name in CONTRACT if row.get(name) is not None}
    # Rows of older versions have the narrow multiplier alone.
    if (exact := known.pop("multiplier_exact", None)) is not None:
        known["multiplier"] = exact
    if "multiplier" not in known:
        known["multiplier_known"] = False
    return Position(
        account=row["account"],
        contract=Contract(**({"symbol": ""} | known)),
        quantity=row["quantity"],
        avg_cost=row["avg_cost"],
        observed_at=at,
        sequence=row.get("sequence"),
    )
