"""Rows put straight into a lake's tables, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import table_of
from slotwise.lake.store import Lake
from slotwise.lake.writer import TableWriter
from tests.support.values import NOON


def put(lake: Lake, table: str, rows: Sequence[object], when: datetime = NOON) -> None:
    """Land rows in one commit."""
    writer = TableWriter(lake, table)
    writer.land([to_batch(rows, table_of(table).sent)], writer.offset + 1, when)
