"""Which row of a holding is the newest, in SQL and for values.

Rules:
* Of two rows that gateways numbered, the one with the higher `sequence` is newer, whatever clocks
  said. Rows of one observation follow each other as they were observed and landed.
* Of the newest numbered row and the newest row without a number (older versions, other engines)
  the one observed later is newer; at one instant the one that landed later.
* A row without an account, contract, quantity or time is none: it is left out, and named by
  `name_unusable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from slotwise.lake.query_parts import column_list, timestamp
from slotwise.position import Position
from slotwise.rules.landing import POSITIONS

#: Columns that a row of a holding needs. A symbol is not one: TWS names bonds and bills without.
NEEDED = ("account", "con_id", "sec_type", "quantity", "observed_at", "landed_at")
#: The order within one observation, and among rows that have no number.
_LANDED = "observed_at {0}, coalesce(landing, 0) {0}, landed_at {0}"


class Reach(msgspec.Struct, frozen=True):
    """How far a derived table has read `position_updates`: up to and with a landing.

    `landed_at` is the latest time of its rows, by which rows without a landing are placed.
    """

    landing: int
    landed_at: datetime


def usable() -> str:
    """Return the condition that a row has all it needs."""
    return " AND ".join(f'"{name}" IS NOT NULL' for name in NEEDED)


def after(reach: Reach | None) -> str:
    """Return the condition that a row is not in what was read up to a reach."""
    if reach is None:
        return "true"
    return (
        f"(landing > {reach.landing:d} OR"
        f" (landing IS NULL AND landed_at > {timestamp(reach.landed_at)}))"
    )


def upto(landing: int | None) -> str:
    """Return the condition that a row landed with a landing or before it."""
    return "true" if landing is None else f"(landing <= {landing:d} OR landing IS NULL)"


def newest_rows(rows: str, columns: Sequence[str]) -> str:
    """Return the query of the newest row of each holding among rows, with all of its columns."""
    names = column_list(columns)
    numbered = f"sequence DESC, {_LANDED.format('DESC')}"
    return f"""
        SELECT {names} FROM (
            SELECT {names}, row_number() OVER (
                PARTITION BY account, con_id ORDER BY {_LANDED.format("DESC")}
            ) AS newest_place
            FROM (
                SELECT {names}, row_number() OVER (
                    PARTITION BY account, con_id, sequence IS NULL ORDER BY {numbered}
                ) AS numbered_place
                FROM ({rows})
            ) WHERE numbered_place = 1
        ) WHERE newest_place = 1
    """


def unusable_rows(reach: Reach | None, limit: int) -> str:
    """Return the query of rows that lack what they need."""
    return (
        f"SELECT account, con_id, symbol, sec_type, quantity, observed_at, landed_at"
        f" FROM {POSITIONS} WHERE NOT ({usable()}) AND ({after(reach)} OR landed_at IS NULL)"
        f" LIMIT {limit:d}"
    )


def is_newer(position: Position, known: Position) -> bool:
    """Return True where a position that came later is the newer one of its holding."""
    if position.sequence is not None and known.sequence is not None:
        return position.sequence >= known.sequence
    return position.observed_at >= known.observed_at
