"""One table's log and files on a local disk, read without Delta: what is whole and what is torn.

A power cut leaves files that are empty, short or full of zeros, and folders that lack their newest
entries. Delta then opens nothing. This reads what is there, line by line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from slotwise.lake.disk import LOG, POINTER
from slotwise.lake.writer import APP_ID, LANDING_APP_ID

_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(\..*)?\.parquet")
#: What reading a file of another's bytes may raise.
UNREADABLE = (OSError, ValueError, pa.ArrowException)


class Commit(msgspec.Struct, frozen=True):
    """One commit: the actions that can be read, and whether they are all of it."""

    version: int
    actions: tuple[dict[str, Any], ...]
    is_whole: bool

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return the actions of one kind."""
        return [action[kind] for action in self.actions if kind in action]

    @property
    def landing(self) -> int | None:
        """Return the number of the landing that it committed; None for none."""
        found = [t["version"] for t in self.all("txn") if t["appId"] == LANDING_APP_ID]
        return found[0] if found else None


class LogScan:
    """What is in the folder of a table."""

    def __init__(self, table: Path) -> None:
        self.table = table
        self.log = table / LOG

    @cached_property
    def commits(self) -> Mapping[int, Commit]:
        """Every commit that has a file, by its version."""
        found = {}
        for path in sorted(self.log.glob("*.json")):
            if (match := _COMMIT.fullmatch(path.name)) is not None:
                version = int(match[1])
                found[version] = _read_commit(path, version)
        return found

    @cached_property
    def checkpoints(self) -> Mapping[Path, int | None]:
        """Every checkpoint file, with its version where it can be read, else None."""
        found: dict[Path, int | None] = {}
        for path in sorted(self.log.glob("*.parquet")):
            if (match := _CHECKPOINT.fullmatch(path.name)) is not None:
                found[path] = int(match[1]) if is_whole_parquet(path) else None
        return found

    @property
    def base(self) -> int:
        """Return the version of the newest checkpoint that can be read; -1 for none."""
        return max((v for v in self.checkpoints.values() if v is not None), default=-1)

    @property
    def newest(self) -> int:
        """Return the newest version that anything is there of; -1 for none."""
        return max(self.base, max(self.commits, default=-1))

    @property
    def missing(self) -> list[int]:
        """Return the commits behind the base that have no file."""
        return [v for v in range(self.base + 1, self.newest + 1) if v not in self.commits]

    @property
    def torn(self) -> list[int]:
        """Return the commits behind the base that are not whole."""
        return [v for v, c in self.commits.items() if v > self.base and not c.is_whole]

    def pointer_fault(self) -> str:
        """Return what is wrong with the file that names the newest checkpoint; else nothing."""
        path = self.log / POINTER
        try:
            version = json.loads(path.read_text())["version"]
        except FileNotFoundError:
            return ""
        except (OSError, ValueError, KeyError, TypeError):
            return "it cannot be read"
        whole = {v for v in self.checkpoints.values() if v is not None}
        return "" if version in whole else f"it names checkpoint {version}, which is not whole"

    def data_files(self) -> list[Path]:
        """Return the data files in the folder, of any commit."""
        return [p for p in sorted(self.table.rglob("*.parquet")) if p.parent != self.log]

    def path_of(self, action: Mapping[str, Any]) -> Path:
        """Return the file that an action names."""
        return self.table / unquote(action["path"])


def is_whole_parquet(path: Path) -> bool:
    """Return True for a file that has its footer."""
    try:
        return pq.read_metadata(path).num_rows >= 0
    except UNREADABLE:
        return False


def _read_commit(path: Path, version: int) -> Commit:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return Commit(version, (), is_whole=False)
    actions: list[dict[str, Any]] = []
    whole = True
    for line in lines:
        if not line:
            continue
        try:
            action = json.loads(line)
        except ValueError:
            whole = False
            break
        if not isinstance(action, dict):
            whole = False
            break
        actions.append(action)
    commit = Commit(version, tuple(actions), is_whole=True)
    return Commit(version, tuple(actions), is_whole=whole and _has_all(commit))


def _has_all(commit: Commit) -> bool:
    """Return True where a commit has as many actions as it states."""
    infos = commit.all("commitInfo")
    if not infos:
        # Other engines may leave it out.
        return bool(commit.actions)
    metrics = infos[0].get("operationMetrics") or {}
    added = metrics.get("num_added_files", len(commit.all("add")))
    if infos[0].get("operation") == "WRITE" and added != len(commit.all("add")):
        return False
    # The number of the landing is written last.
    apps = [txn["appId"] for txn in commit.all("txn")]
    return APP_ID not in apps or LANDING_APP_ID in apps or _is_older(commit)


def _is_older(commit: Commit) -> bool:
    """Return True for a commit of a version that did not number landings."""
    return not any(app.startswith("slotwise-open-queue") for app in _apps(commit))


def _apps(commit: Commit) -> list[str]:
    return [str(txn["appId"]) for txn in commit.all("txn")]
