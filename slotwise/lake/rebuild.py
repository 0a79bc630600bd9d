"""Makes a table's log from its data files: where no checkpoint is whole and commits are gone.

A compaction leaves its old files until they are vacuumed, beside the new one with the same rows. So
files are taken from the largest to the smallest, and one whose landings are all there already is
left out. Offsets of spools and the stream's offset come from the commits that are left.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from deltalake import DeltaTable

from slotwise.formatting import counted
from slotwise.lake.data_files import add_of
from slotwise.lake.disk import commit_file
from slotwise.lake.log_scan import UNREADABLE, LogScan, is_whole_parquet
from slotwise.lake.schemas import POSITION_UPDATES, Table
from slotwise.lake.store import properties_of


def rebuilt_log(
    scan: LogScan, table: Table, expected: str | None
) -> tuple[list[dict[str, Any]], str]:
    """Return the actions of a first commit with all rows that can be found, and what is gone."""
    actions = _beginning(scan, table, expected)
    removed = {r["path"] for c in scan.commits.values() for r in c.all("remove")}
    broken = 0
    by_day: dict[str, list[tuple[Path, frozenset[object]]]] = defaultdict(list)
    for path in scan.data_files():
        if not is_whole_parquet(path):
            broken += 1
        elif path.relative_to(scan.table).as_posix() not in removed:
            by_day[path.parent.name].append((path, _landings(path)))
    for files in by_day.values():
        seen: set[object] = set()
        for path, landings in sorted(files, key=lambda one: (-len(one[1]), str(one[0]))):
            if not landings <= seen:
                actions.append({"add": add_of(scan.table, path)})
                seen |= landings
    newest: dict[str, int] = {}
    for commit in scan.commits.values():
        for txn in commit.all("txn"):
            newest[txn["appId"]] = max(int(txn["version"]), newest.get(txn["appId"], 0))
    actions += [{"txn": {"appId": app, "version": number}} for app, number in newest.items()]
    gone = f"{counted(broken, 'file that is', 'files that are')} not whole; " if broken else ""
    return actions, gone + "what commits said that are gone, besides their rows"


def _beginning(scan: LogScan, table: Table, expected: str | None) -> list[dict[str, Any]]:
    """Return the newest protocol and metadata that are left, or those of a new table."""
    found: dict[str, dict[str, Any]] = {}
    for version in sorted(scan.commits):
        for kind in ("protocol", "metaData"):
            for action in scan.commits[version].all(kind):
                found[kind] = action
    if set(found) != {"protocol", "metaData"}:
        with tempfile.TemporaryDirectory() as folder:
            DeltaTable.create(
                folder, table.schema, partition_by=["date"], name=table.name,
                configuration=properties_of(table),
            )  # fmt: skip
            for line in commit_file(Path(folder), 0).read_text().splitlines():
                for kind, action in json.loads(line).items():
                    found.setdefault(kind, action)
        if expected is not None and table.name == POSITION_UPDATES.name:
            found["metaData"] = {**found["metaData"], "id": expected}
    return [{kind: found[kind]} for kind in ("protocol", "metaData")]


def _landings(path: Path) -> frozenset[object]:
    """Return what distinguishes the landings of a file's rows: their number, else their time."""
    try:
        names = pq.read_schema(path).names
        columns = [name for name in ("landing", "landed_at") if name in names]
        rows = pq.read_table(path, columns=columns).to_pylist()
    except UNREADABLE:
        return frozenset((str(path),))
    return frozenset(tuple(row.values()) for row in rows) or frozenset((str(path),))
