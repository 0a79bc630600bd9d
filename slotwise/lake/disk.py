"""The lake on a local disk: a commit is on the disk before its sender deletes its copy.

Order: data files, their folders, the commits, the log's folder. After a power cut a commit that is
whole thus has its data; one that was not reported may be torn, and `lake.repair` cuts it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

#: Folder of a table's log.
LOG = "_delta_log"
#: The file that names the newest checkpoint.
POINTER = "_last_checkpoint"


def sync_commits(table: Path, after: int, upto: int) -> None:
    """Wait until the disk has the commits behind a version, up to another, and their data.

    Raises OSError. A commit that was deleted in the meantime is covered by a checkpoint.
    """
    commits = [path for v in range(after + 1, upto + 1) if (path := commit_file(table, v)).exists()]
    files = [table / unquote(action["path"]) for path in commits for action in _files_of(path)]
    for file in files:
        _sync(file)
    for folder in sorted({file.parent for file in files}):
        _sync(folder)
    for path in commits:
        _sync(path)
    _sync(table / LOG)
    _sync(table)


def sync_checkpoint(table: Path) -> None:
    """Wait until the disk has the newest checkpoint: before the commits it replaces go.

    Raises OSError.
    """
    log = table / LOG
    newest = max(log.glob("*.checkpoint*.parquet"), default=None)
    for path in (newest, log / POINTER):
        if path is not None and path.exists():
            _sync(path)
    _sync(log)


def commit_file(table: Path, version: int) -> Path:
    """Return the file of a commit."""
    return table / LOG / f"{version:020}.json"


def actions_of(lines: Iterable[str], kind: str) -> Iterator[dict[str, Any]]:
    """Read the actions of one kind from the lines of a commit."""
    for line in lines:
        action = json.loads(line)
        if kind in action:
            yield action[kind]


def _files_of(commit: Path) -> list[dict[str, Any]]:
    return list(actions_of(commit.read_text().splitlines(), "add"))


def _sync(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return  # Compacted and vacuumed since.
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
