"""The version of a local table by its folder alone: whether anything is new, without opening it.

Nothing here imports deltalake, which takes more memory than all else of a process that only waits.
"""

from __future__ import annotations

import os

import msgspec

#: The table whose folder names the lake, as in `slotwise.lake.store`.
IDENTIFYING = "position_updates"
#: Digits of a version in the name of a file of Delta's log.
DIGITS = 20


class TableVersion(msgspec.Struct, frozen=True):
    """The newest version of a table, in the folder of a lake that device and inode identify."""

    device: int
    inode: int
    version: int


def read_table_version(address: str, table: str) -> TableVersion | None:
    """Read the newest version; None for an object store, and where there is no such folder."""
    if "://" in address:
        return None
    address = address.rstrip("/")
    try:
        there = os.stat(f"{address}/{IDENTIFYING}/_delta_log")
        names = os.listdir(f"{address}/{table}/_delta_log")
    except OSError:
        return None
    versions = [
        int(name[:DIGITS])
        for name in names
        if name.endswith(".json") and len(name) == DIGITS + len(".json") and name[:DIGITS].isdigit()
    ]
    return TableVersion(there.st_dev, there.st_ino, max(versions)) if versions else None
