"""Maintenance: few files, a short log, nothing kept without end; beside landings, at any time.

Every beat adds a file to each table and an entry to its log; both slow each commit and each
reading. So small files are made into large ones, the log is cut behind a checkpoint, and files
that are not read any more are deleted. Each step is a commit of its own or none, so that a kill
at any point leaves a table as good as before.

Two compactions at once would be one too many: Delta refuses the second (deltalake 1.6.3 does,
1.6.4 to 1.6.6 do not), and the rows before and after are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError

from slotwise.errors import LakeError
from slotwise.formatting import counted
from slotwise.lake.error_text import delta_errors, reason_of
from slotwise.lake.schemas import TABLES, table_of
from slotwise.lake.store import Lake, properties_of
from slotwise.lake.table_state import TableState

#: Files of the open day from which on they are made into fewer. Together with the commits until
#: the next maintenance (60 in five minutes of beats) and the large files they stay below 200.
SMALL_FILES = 60
#: A file of the open day is rewritten until it is so large, bytes: some two million rows of the
#: queue, which a start reads in half a second.
OPEN_DAY_BYTES = 16 * 1024**2
#: A closed day is rewritten once, into files so large, bytes.
CLOSED_DAY_BYTES = 256 * 1024**2
#: Files a closed day may keep: fewer would have it rewritten again and again for nothing.
CLOSED_DAY_FILES = 8
#: Commits looked through for the last compaction.
LOOKED_AT = 500


class Maintained(msgspec.Struct, frozen=True):
    """What maintenance did to one table."""

    table: str
    files_before: int
    files_after: int
    deleted: int


def maintain(lake: Lake, today: date) -> list[Maintained]:
    """Maintain every table that needs it; `today` is the UTC day that landings write to.

    Raises LakeError where the lake refuses, and where a compaction changed the number of rows.
    """
    return [done for name in TABLES if (done := maintain_table(lake, name, today)) is not None]


def maintain_table(lake: Lake, name: str, today: date) -> Maintained | None:
    """Maintain one table; None where there is nothing to do, or another process does it."""
    handle = lake.open(name)
    try:
        _follow_properties(handle, name)
        days = _files_by_day(handle)
        before = sum(days.values())
        crowded = [day for day, files in days.items() if _is_crowded(day, files, today)]
        if not crowded:
            return None
        for day in crowded:
            _compact(lake, name, day, OPEN_DAY_BYTES if day == today else CLOSED_DAY_BYTES)
        handle = lake.open(name)
        handle.create_checkpoint()
        lake.sync_checkpoint(name)
        handle.cleanup_metadata()
        # Lite, and with the table's own retention: a full one deletes what is being written now.
        deleted = handle.vacuum(dry_run=False)
        return Maintained(name, before, sum(_files_by_day(handle).values()), len(deleted))
    except CommitFailedError:
        return None
    except (DeltaError, OSError) as error:
        raise LakeError(f"{name} cannot be maintained: {reason_of(error)}") from error


def table_state(lake: Lake, name: str) -> TableState:
    """Read how large a table is and when it was compacted last; raises LakeError.

    A table that is not made yet is empty.
    """
    with delta_errors(f"lake {lake.address!r} cannot be read"):
        if not lake.has(name):
            return TableState(name, 0, 0, 0, 0, None)
        handle = DeltaTable(lake.uri(name))
        files = pa.table(handle.get_add_actions(flatten=True))
        return TableState(
            name,
            rows=_total(files, "num_records"),
            files=files.num_rows,
            bytes=_total(files, "size_bytes"),
            version=handle.version(),
            maintained_at=_last_compaction(handle),
        )


def _is_crowded(day: date, files: int, today: date) -> bool:
    # A closed day is done for good when it is one file, or a few large ones.
    return files > SMALL_FILES if day == today else files > CLOSED_DAY_FILES


def _compact(lake: Lake, name: str, day: date, target_bytes: int) -> None:
    handle = lake.open(name)
    opened = handle.version()
    with lake.writing(name) as write:
        handle.optimize.compact(
            partition_filters=[("date", "=", day.isoformat())],
            target_size=target_bytes,
            commit_properties=write.properties(),
            post_commithook_properties=lake.hooks(),
        )
    lake.committed(name, opened, handle)
    # Landings go on in that time, so the compaction is one of several new versions: the one that
    # took files away.
    before = _files(lake, name, opened)
    for version in range(opened + 1, lake.open_without_files(name).version() + 1):
        after = _files(lake, name, version)
        if before.keys() - after.keys() and sum(before.values()) != sum(after.values()):
            raise LakeError(
                f"{name}: version {version} made {counted(sum(after.values()), 'row')} of "
                f"{sum(before.values())}: stop all lake workers and restore the version before it"
            )
        before = after


def _files(lake: Lake, name: str, version: int) -> dict[str, int]:
    """Return the rows of each file of a version."""
    handle = DeltaTable(lake.uri(name), version=version)
    files = pa.table(handle.get_add_actions(flatten=True))
    rows = files.select(["path", "num_records"]).to_pylist()
    return {str(row["path"]): int(row["num_records"] or 0) for row in rows}


def _total(files: pa.Table, column: str) -> int:
    return sum(int(count or 0) for count in files[column].to_pylist()) if files.num_rows else 0


def _files_by_day(handle: DeltaTable) -> Mapping[date, int]:
    files = pa.table(handle.get_add_actions(flatten=True))
    if not files.num_rows:
        return {}
    return Counter(map(_day, files["partition.date"].to_pylist()))


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _follow_properties(handle: DeltaTable, name: str) -> None:
    """Set this version's properties on a table of an earlier one."""
    there, due = handle.metadata().configuration, properties_of(table_of(name))
    if any(there.get(key) != value for key, value in due.items()):
        handle.alter.set_table_properties(due)


def _last_compaction(handle: DeltaTable) -> datetime | None:
    for commit in handle.history(LOOKED_AT):
        if commit.get("operation") == "OPTIMIZE":
            return datetime.fromtimestamp(commit["timestamp"] / 1000, UTC)
    return None
