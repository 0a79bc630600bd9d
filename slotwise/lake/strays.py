"""A write to a local lake that goes away during it: found by its place, and its files removed.

Delta makes the folders of a file that it writes. Where a volume goes between the look before a
write and the write itself, they are made in the empty mount point, and a commit there would count
as landed. So the folder of the lake is compared (device and inode): as it was before that look, and
as it is after the write.

What is removed from another place is what this write made there and nothing else: a commit that has
the mark of the write and the files that it adds, and in a folder without a table data files that
are as young as the write.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from deltalake import CommitProperties, Transaction
from deltalake.exceptions import DeltaError

from slotwise.errors import LakeAbsentError
from slotwise.lake.disk import LOG, actions_of

#: Device and inode of a folder; None where there is none.
Place: TypeAlias = tuple[int, int] | None
#: Name of the mark in a commit's information.
MARK = "slotwise_write"
#: Times of files may be as coarse as this, seconds.
COARSE_S = 2.0
_DATA_FILE = re.compile(r"part-\d+-[0-9a-f-]+-c\d+(\.[a-z0-9]+)?\.parquet")
#: What a table has that was made once: its first commit, or a checkpoint.
_FIRST = f"{0:020}.json"


class Writing:
    """One write: its mark, which each of its commits has."""

    def __init__(self) -> None:
        self.mark = secrets.token_hex(8)

    def properties(
        self, transactions: list[Transaction] | None = None, **metadata: str
    ) -> CommitProperties:
        """Return the properties of a commit of this write."""
        with_mark = {**metadata, MARK: self.mark}
        return CommitProperties(custom_metadata=with_mark, app_transactions=transactions)


@contextmanager
def writing(lake: Path, table: str, place: Place) -> Iterator[Writing]:
    """Write to a table in the block; `place` is where the lake was before it was looked at.

    Raises LakeAbsentError where the lake's folder, or the table's log, is another one afterwards.
    """
    write, log, began = Writing(), lake / table / LOG, time.time()
    log_place = place_of(log)
    try:
        yield write
    except (DeltaError, OSError) as error:
        if place_of(lake) != place:
            _remove(lake / table, write.mark, began)
            raise _absent_error(lake) from error
        raise
    if place_of(lake) != place:
        _remove(lake / table, write.mark, began)
        raise _absent_error(lake)
    if log_place is not None and place_of(log) != log_place:
        raise _absent_error(log)


def place_of(folder: Path) -> Place:
    """Return where a folder is; None where there is none."""
    try:
        there = os.stat(folder)
    except OSError:
        return None
    return there.st_dev, there.st_ino


def _absent_error(folder: Path) -> LakeAbsentError:
    return LakeAbsentError(
        f"lake {str(folder)!r} went away, or another took its place, while it was written: is its"
        " disk mounted? It is written again when it is back"
    )


def _remove(table: Path, mark: str, began: float) -> None:
    """Remove what a write made in a place that is not its lake."""
    log = table / LOG
    for commit in _young(log.glob("*.json*"), began):
        with suppress(OSError, ValueError):
            text = commit.read_text()
            if mark in text:
                for add in actions_of(text.splitlines(), "add"):
                    (table / unquote(add["path"])).unlink(missing_ok=True)
                commit.unlink()
    if not (log / _FIRST).exists() and not any(log.glob("*.checkpoint*.parquet")):
        for file in _young(table.rglob("*.parquet"), began):
            if _DATA_FILE.fullmatch(file.name):
                file.unlink(missing_ok=True)
    # Only empty folders go.
    folders = [folder for folder in table.rglob("*") if folder.is_dir()]
    for folder in (*sorted(folders, reverse=True), table):
        with suppress(OSError):
            folder.rmdir()


def _young(files: Iterator[Path], began: float) -> list[Path]:
    """Return the files that are as young as a write."""
    found = []
    for file in files:
        with suppress(OSError):
            if file.stat().st_mtime >= began - COARSE_S:
                found.append(file)
    return found
