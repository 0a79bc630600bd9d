"""Which tables a lake has, without making any."""

from __future__ import annotations

from slotwise.lake.schemas import TABLES
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake


def present(lake: Lake) -> frozenset[str]:
    """Return the tables that exist, also empty ones; raises LakeError."""
    return frozenset(filter(lake.has, TABLES))


def has_rows(lake: Lake, table: str) -> bool:
    """Return whether anything has landed in a table that is there; raises LakeError."""
    return bool(ask(lake, f"SELECT date FROM {table} LIMIT 1", table))
