"""Rows put straight into a lake's tables, for tests of what reads them.

A table stays open between two landings of one lake: to open it costs as much as a landing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from slotwise.lake.arrow import to_batch
from slotwise.lake.disk import LOG
from slotwise.lake.schemas import table_of
from slotwise.lake.store import Lake
from slotwise.lake.writer import TableWriter
from tests.support.values import NOON

#: Name, inode and time of a table's newest commit: a writer that has seen it may land on.
Newest: TypeAlias = tuple[str, int, int]

#: Table -> the lake that was landed in last, what its newest commit was then, and the writer.
_open: dict[str, tuple[Lake, Newest, TableWriter]] = {}


def put(lake: Lake, table: str, rows: Sequence[object], when: datetime = NOON) -> None:
    """Land rows in one commit."""
    last = _open.pop(table, None)
    is_open = last is not None and last[:2] == (lake, newest_commit(lake, table))
    writer = last[2] if last is not None and is_open else TableWriter(lake, table)
    writer.land([to_batch(rows, table_of(table).sent)], writer.offset + 1, when)
    if lake.is_local:
        _open[table] = lake, newest_commit(lake, table), writer


def newest_commit(lake: Lake, table: str) -> Newest:
    """Name the newest commit of a table on a local disk."""
    log = Path(lake.address) / table / LOG
    newest = max(name for name in os.listdir(log) if name.endswith(".json"))
    there = (log / newest).stat()
    return newest, there.st_ino, there.st_mtime_ns
