"""The book: the latest word on every holding that has reached the lake, or is about to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from slotwise.contract import Contract, PositionKey
from slotwise.lake.queries import ask, quoted
from slotwise.lake.store import Lake
from slotwise.landing import POSITIONS, Answered, Entry, Rows
from slotwise.position import Position

#: Columns of `position_updates` that make a contract.
_CONTRACT = (
    "con_id", "symbol", "sec_type", "local_symbol", "expiry", "strike", "right", "multiplier",
    "currency", "exchange",
)  # fmt: skip
_COLUMNS = ("account", "quantity", "avg_cost", "observed_at", *_CONTRACT)
_NAMED = ", ".join(f'"{name}"' for name in _COLUMNS)
#: A closed holding is told of for this long, so that older news of it which lands late is known
#: for what it is.
CLOSED_TOLD = timedelta(days=1)


def book(lake: Lake, account: str | None = None) -> list[Position]:
    """Read the latest state of every holding, in one account with its models or in all.

    What was closed within the last day is there with quantity 0. Raises LakeError.
    """
    where = "" if account is None else f"WHERE account = {quoted(account)} OR account LIKE " + (
        quoted(f"{account}/%")
    )  # fmt: skip
    rows = ask(
        lake,
        f"""
        SELECT {_NAMED} FROM (
            SELECT {_NAMED}, landed_at, max(landed_at) OVER () AS newest, row_number() OVER (
                PARTITION BY account, con_id ORDER BY observed_at DESC, landed_at DESC
            ) AS place
            FROM {POSITIONS} {where}
        ) WHERE place = 1
            AND (quantity <> 0 OR landed_at >= newest - INTERVAL '{CLOSED_TOLD.days} day')
        """,
        POSITIONS,
    )
    return [_position(row) for row in rows]


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
    rows: list[dict[str, Any]] = batch.select(list(_COLUMNS)).to_pylist()
    return rows


def _position(row: dict[str, Any]) -> Position:
    at: datetime = row["observed_at"]
    return Position(
        account=row["account"],
        contract=Contract(**{n: row[n] for n in _CONTRACT if row[n] is not None}),
        quantity=row["quantity"],
        avg_cost=row["avg_cost"] or Decimal(0),
        observed_at=at,
    )
