"""Which tables a lake has, without making any."""

from __future__ import annotations

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from slotwise.errors import LakeError
from slotwise.lake.error_text import reason_of
from slotwise.lake.schemas import TABLES
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake


def present(lake: Lake) -> frozenset[str]:
    """Name the tables that are there, be they empty; raises LakeError."""
    try:
        return frozenset(name for name in TABLES if DeltaTable.is_deltatable(lake.uri(name)))
    except (DeltaError, OSError) as error:
        raise LakeError(f"lake {lake.address!r} cannot be read: {reason_of(error)}") from error


def has_rows(lake: Lake, table: str) -> bool:
    """Return whether anything has landed in a table that is there; raises LakeError."""
    return bool(ask(lake, f"SELECT date FROM {table} LIMIT 1", table))
