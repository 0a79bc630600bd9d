"""What is known of a table without a reading of its rows; a value, for metrics and screens."""

from __future__ import annotations

from datetime import datetime

import msgspec


class TableState(msgspec.Struct, frozen=True):
    """Describe a table as it is now, from its log alone."""

    table: str
    rows: int
    files: int
    bytes: int
    version: int
    maintained_at: datetime | None
