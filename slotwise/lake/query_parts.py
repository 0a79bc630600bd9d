"""Pieces of SQL that several questions to the lake have in common. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec


def timestamp(at: datetime) -> str:
    """Write a time into SQL."""
    return f"TIMESTAMP '{at.isoformat()}'"


def quoted(text: str) -> str:
    """Write a text into SQL."""
    return "'" + text.replace("'", "''") + "'"


def column_list(names: Iterable[str]) -> str:
    """Return the columns of these names."""
    return ", ".join(f'"{name}"' for name in names)


def columns_for(kind: type[msgspec.Struct]) -> str:
    """Return the columns that a value has as its fields."""
    return column_list(kind.__struct_fields__)


def within(column: str, since: datetime | None, until: datetime | None) -> list[str]:
    """Return the conditions that a column's time lies between two times, both included."""
    limits = []
    if since is not None:
        limits.append(f"{column} >= {timestamp(since)}")
    if until is not None:
        limits.append(f"{column} <= {timestamp(until)}")
    return limits


def known_within(since: datetime, at: datetime, known_at: datetime | None) -> str:
    """Return the condition that a row was observed in a time, and had landed by `known_at`."""
    limits = [*within("observed_at", since, at), f"date >= DATE '{since.date()}'"]
    return " AND ".join([*limits, *within("landed_at", None, known_at)])


def first_of_each(columns: str, rows: str, *, per: str, order: str) -> str:
    """Return the query of the first row, by `order`, of all that are alike in the columns `per`.

    `rows` is what follows FROM. Conditions on the rows that are found may follow with AND.
    """
    return f"""
        SELECT {columns} FROM (
            SELECT {columns}, row_number() OVER (PARTITION BY {per} ORDER BY {order}) AS place
            FROM {rows}
        ) WHERE place = 1
    """
