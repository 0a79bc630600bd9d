"""`check`: what a power cut or a hand has broken in a local lake, table by table. Reads only.

fault            what it is                                        what repair does
torn_pointer     the file that names the newest checkpoint          sets it aside; Delta looks
torn_checkpoint  a checkpoint without its footer                    sets it aside
no_base          no checkpoint is whole, and commits are gone       makes the log from the files
torn_tail        the newest commits are torn, or lack their data    cuts them: they land again
torn_commit      a torn commit with whole ones behind it            keeps what can be read of it
missing_commit   no file of a commit, and whole ones behind it      finds its rows by landing
missing_file     a live data file is not there, or not whole        takes it out of the table
no_log           a folder of a table without a log                  sets it aside
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from slotwise.errors import LakeError
from slotwise.lake.error_text import reason_of
from slotwise.lake.latest_positions import KEEP
from slotwise.lake.log_scan import LogScan, is_whole_parquet
from slotwise.lake.position_checkpoints import CHECKPOINTS
from slotwise.lake.schemas import TABLES
from slotwise.lake.store import Lake

FaultKind: TypeAlias = Literal[
    "torn_pointer", "torn_checkpoint", "no_base", "torn_tail", "torn_commit", "missing_commit",
    "missing_file", "no_log", "unknown",
]  # fmt: skip
#: Tables made of others: where one is broken it is set aside, and maintenance makes it again.
DERIVED = (KEEP, CHECKPOINTS)


class Fault(msgspec.Struct, frozen=True):
    """One thing that is broken in a table."""

    table: str
    kind: FaultKind
    seen: str
    version: int | None = None


def check_lake(lake: Lake) -> list[Fault]:
    """Look through every table; empty where all is well.

    Raises LakeAbsentError where there is no folder of a lake, and LakeError for an object store.
    """
    folder = local_folder(lake)
    names = [name for name in (*TABLES, *DERIVED) if (folder / name).is_dir()]
    return [fault for name in names for fault in check_table(folder / name)]


def local_folder(lake: Lake) -> Path:
    """Return the folder of a local lake; raises LakeError for any other."""
    if not lake.is_local:
        raise LakeError(
            f"lake {lake.address!r} is in an object store, which keeps commits whole: nothing to"
            " check or repair here; use the store's own versions"
        )
    folder = Path(lake.address)
    if not folder.is_dir() or not any((folder / name).is_dir() for name in TABLES):
        lake.verify()
    return folder


def check_table(table: Path) -> list[Fault]:
    """Look through one table."""
    scan, name = LogScan(table), table.name
    faults = []
    if scan.newest < 0:
        return [Fault(name, "no_log", "no commit and no checkpoint can be read")]
    if reason := scan.pointer_fault():
        faults.append(Fault(name, "torn_pointer", reason))
    faults += [
        Fault(name, "torn_checkpoint", path.name)
        for path, version in scan.checkpoints.items()
        if version is None
    ]
    if scan.base < 0 and 0 in scan.missing:
        return [*faults, Fault(name, "no_base", f"the log begins at commit {min(scan.commits)}")]
    tail = torn_tail(scan)
    if tail is not None:
        faults.append(Fault(name, "torn_tail", f"commits {tail} to {scan.newest}", tail))
    end = scan.newest if tail is None else tail - 1
    faults += [Fault(name, "torn_commit", f"commit {v}", v) for v in scan.torn if v <= end]
    faults += [Fault(name, "missing_commit", f"commit {v}", v) for v in scan.missing if v <= end]
    if faults:
        return faults
    try:
        handle = DeltaTable(str(table))
        live = handle.file_uris()
    except (DeltaError, OSError) as error:
        return [Fault(name, "unknown", reason_of(error))]
    return [
        Fault(name, "missing_file", Path(uri.removeprefix("file://")).name)
        for uri in live
        if not is_whole_parquet(Path(uri.removeprefix("file://")))
    ]


def torn_tail(scan: LogScan) -> int | None:
    """Return the first of the newest commits that are torn, or whose data is not there.

    Nothing whole is behind it: what was in it has not been reported as landed, and lands again.
    """
    tail = None
    for version in range(scan.newest, scan.base, -1):
        commit = scan.commits.get(version)
        if commit is None:
            continue  # A gap: what is before it decides.
        broken = not commit.is_whole or (
            commit.landing is not None
            and any(not is_whole_parquet(scan.path_of(add)) for add in commit.all("add"))
        )
        if not broken:
            break
        tail = version
    return tail
