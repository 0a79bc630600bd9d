"""`repair`: makes a local lake whole again after a power cut, and reports what is lost.

Nothing is deleted: what is taken out of a table goes to a folder beside the lake, `LAKE-repaired`.
The faults and what is done about each are those of `lake.check`.

Commits that are cut had not been reported as landed where the lake was synced: the stream and the
spools have their entries still, and the next landing commits them again.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from deltalake import DeltaTable

from slotwise.errors import LakeError
from slotwise.formatting import counted
from slotwise.lake.check import DERIVED, Fault, check_table, local_folder, torn_tail
from slotwise.lake.data_files import add_of, landings_of, partition_of, rows_in, rows_of
from slotwise.lake.disk import POINTER, commit_file, sync_checkpoint
from slotwise.lake.error_text import delta_errors
from slotwise.lake.log_scan import LogScan, is_whole_parquet
from slotwise.lake.rebuild import rebuilt_log
from slotwise.lake.schemas import TABLES
from slotwise.lake.store import IDENTIFYING, Lake

#: Rounds of looking and mending: a mended log may show a file that is missing.
ROUNDS = 4


class Repaired(msgspec.Struct, frozen=True):
    """What was done to a table, and what of it is gone."""

    table: str
    done: str
    gone: str = ""


def repair_lake(lake: Lake, expected: str | None, now: datetime) -> list[Repaired]:
    """Mend every table; empty where all was well.

    `expected` is the identity of the system's lake, which a log that is made anew takes on. Raises
    LakeError for an object store, and for a table that is still broken afterwards.
    """
    folder = local_folder(lake)
    aside = Path(f"{lake.address}-repaired") / f"{now.astimezone(UTC):%Y%m%dT%H%M%S}"
    done: list[Repaired] = []
    for name in (*TABLES, *DERIVED):
        if (folder / name).is_dir():
            mended = _Repair(folder / name, aside / name, expected)
            # They were made of rows that may be gone, and go by the numbers of landings.
            if name in DERIVED and any(one.table == IDENTIFYING for one in done):
                done += mended.set_aside()
            else:
                done += mended.run()
    return done


class _Repair:
    """Mend one table."""

    def __init__(self, table: Path, aside: Path, expected: str | None) -> None:
        self._table = table
        self._aside = aside
        self._expected = expected
        self._done: list[Repaired] = []

    def set_aside(self) -> list[Repaired]:
        """Take the whole table away."""
        self._put_aside(self._table)
        self._say("set aside; maintenance makes it anew")
        return self._done

    def run(self) -> list[Repaired]:
        """Look and mend until nothing is broken; raises LakeError where that cannot be."""
        for _ in range(ROUNDS):
            faults = check_table(self._table)
            if not faults:
                break
            if self._table.name in DERIVED:
                return self.set_aside()
            for fault in faults:
                self._mend(fault)
        else:
            raise LakeError(f"{self._table.name} is still broken: {faults[0].seen}")
        if self._done and self._table.exists():
            self._checkpoint()
        return self._done

    def _mend(self, fault: Fault) -> None:
        scan = LogScan(self._table)
        match fault.kind:
            case "torn_pointer":
                self._put_aside(scan.log / POINTER)
                self._say("the file that names the newest checkpoint set aside")
            case "torn_checkpoint":
                self._put_aside(scan.log / fault.seen)
                self._say(f"torn checkpoint {fault.seen} set aside")
            case "torn_tail":
                self._cut(scan)
            case "torn_commit" | "missing_commit" if fault.version is not None:
                self._fill(scan, fault.version)
            case "missing_file":
                self._take_out(scan)
            case "no_base":
                self._rebuild(scan)
            case "no_log" if scan.data_files() or self._table.name == IDENTIFYING:
                self._rebuild(scan)
            case "no_log":
                self._put_aside(self._table)
                self._say(
                    "a folder without log and rows set aside; the lake worker makes the table"
                )
            case _:
                raise LakeError(f"{self._table.name} cannot be repaired: {fault.seen}")

    def _cut(self, scan: LogScan) -> None:
        """Cut the commits of the tail: their entries land again."""
        first = torn_tail(scan)
        if first is None:
            return
        rows = 0
        for version in range(scan.newest, first - 1, -1):
            if (commit := scan.commits.get(version)) is not None:
                rows += sum(rows_of(add) for add in commit.all("add"))
                self._put_aside(commit_file(self._table, version))
        self._say(
            f"commits {first} to {scan.newest} cut",
            f"{counted(rows, 'row')} at least, until they land again: what was not reported as"
            " landed does",
        )

    def _fill(self, scan: LogScan, version: int) -> None:
        """Write a commit in the place of one that is torn or missing, with what can be found."""
        commit = scan.commits.get(version)
        kept = [] if commit is None else [a for a in commit.actions if "commitInfo" not in a]
        named = {add["path"] for add in (a["add"] for a in kept if "add" in a)}
        found = [a for a in self._find_lost_rows(scan, version) if a["path"] not in named]
        rows = sum(rows_of(add) for add in found)
        if commit is not None:
            self._put_aside(commit_file(self._table, version))
        info = {"timestamp": int(time.time() * 1000), "operation": "REPAIR"}
        actions = [{"commitInfo": info}, *kept, *({"add": add} for add in found)]
        self._write(version, actions)
        what = "missing" if commit is None else "torn"
        self._say(
            f"{what} commit {version} written anew with"
            f" {counted(len(kept) + len(found), 'action')},"
            f" {counted(rows, 'row')} found by their landing",
            "" if found or kept else f"what commit {version} added, if it added rows",
        )

    def _find_lost_rows(self, scan: LogScan, version: int) -> list[dict[str, Any]]:
        """Find the files of a landing whose commit is gone, by the number in their rows.

        A landing's number is one more than that of the landing before it; where a whole commit has
        it, or more than one file of a day does, nothing is certain and nothing is taken.
        """
        before = [c.landing for v, c in scan.commits.items() if v < version and c.landing]
        after = [c.landing for v, c in scan.commits.items() if v > version and c.landing]
        if not before or not after or min(after) - max(before) < 2:  # neighbours
            return []
        wanted = set(range(max(before) + 1, min(after)))
        named = {add["path"] for c in scan.commits.values() for add in c.all("add")}
        found: dict[tuple[str, int], list[Path]] = {}
        for path in scan.data_files():
            name = path.relative_to(self._table).as_posix()
            numbers = landings_of(path)
            if name not in named and len(numbers) == 1 and numbers <= wanted:
                found.setdefault((path.parent.name, min(numbers)), []).append(path)
        return [add_of(self._table, paths[0]) for paths in found.values() if len(paths) == 1]

    def _take_out(self, scan: LogScan) -> None:
        """Take the files that are not whole out of the table, in one commit."""
        handle = DeltaTable(str(self._table))
        live = [Path(uri.removeprefix("file://")) for uri in handle.file_uris()]
        at_ms = int(time.time() * 1000)
        gone = [path for path in live if not is_whole_parquet(path)]
        removes = [
            {
                "remove": {
                    "path": path.relative_to(self._table).as_posix(),
                    "deletionTimestamp": at_ms,
                    "dataChange": True,
                    "extendedFileMetadata": True,
                    "partitionValues": partition_of(path),
                }
            }
            for path in gone
        ]
        rows = rows_in(handle, gone, self._table)
        info = {"timestamp": at_ms, "operation": "REPAIR"}
        self._write(handle.version() + 1, [{"commitInfo": info}, *removes])
        for path in gone:
            if path.exists():
                self._put_aside(path)
        names = ", ".join(path.name for path in gone)
        self._say(
            f"{counted(len(gone), 'file')} taken out: {names}",
            f"{counted(rows, 'row')} of {'this file' if len(gone) == 1 else 'these files'}",
        )

    def _rebuild(self, scan: LogScan) -> None:
        """Make the log from the files that are there."""
        actions, gone = rebuilt_log(scan, TABLES[self._table.name], self._expected)
        if scan.log.exists():
            self._put_aside(scan.log)
        self._write(0, actions)
        rows = sum(rows_of(a["add"]) for a in actions if "add" in a)
        self._say(f"log made anew from the files: {counted(rows, 'row')}", gone)

    def _checkpoint(self) -> None:
        with delta_errors(f"{self._table.name} is still broken"):
            DeltaTable(str(self._table)).create_checkpoint()
            sync_checkpoint(self._table)

    def _write(self, version: int, actions: list[dict[str, Any]]) -> None:
        path = commit_file(self._table, version)
        path.parent.mkdir(exist_ok=True)
        with path.open("x") as file:
            file.write("\n".join(json.dumps(action) for action in actions))
            file.flush()
            os.fsync(file.fileno())

    def _put_aside(self, path: Path) -> None:
        """Move a file or folder out of the table."""
        to = self._aside / path.relative_to(self._table) if path != self._table else self._aside
        to.parent.mkdir(parents=True, exist_ok=True)
        while to.exists():
            to = to.with_name(f"{to.name}.more")
        os.replace(path, to)

    def _say(self, done: str, gone: str = "") -> None:
        self._done.append(Repaired(self._table.name, done, gone))
