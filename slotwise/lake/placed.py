"""Where a local table stands, by its folder alone: whether anything is new, without opening it.

Nothing here imports deltalake, which takes more memory than all else of a process that only waits.
"""

from __future__ import annotations

import os

import msgspec

#: The table whose folder names the lake, as in `slotwise.lake.store`.
IDENTIFYING = "position_updates"
#: Digits of a version in the name of a file of Delta's log.
DIGITS = 20


class Placed(msgspec.Struct, frozen=True):
    """Name a lake's folder, which another one has not, and the newest version of a table."""

    device: int
    inode: int
    version: int


def placed(address: str, table: str) -> Placed | None:
    """Look where a table stands; None for an object store, and where there is no such folder."""
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
        if name.endswith(".json") and len(name) == DIGITS + 5 and name[:DIGITS].isdigit()
    ]
    return Placed(there.st_dev, there.st_ino, max(versions)) if versions else None
