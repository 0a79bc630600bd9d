"""The writer: one append to one table, exactly once per offset.

The offset of the landing stream is kept as the version of a Delta transaction of the table.
Delta compares no versions by itself. It refuses a commit only when another one with the same
application id came after the handle's own snapshot, so the check of the offset and the commit
happen on one and the same handle.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
import pyarrow as pa
from deltalake import DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from slotwise.errors import LakeError, StaleWriterError
from slotwise.lake.error_text import delta_errors, reason_of
from slotwise.lake.foreign import columns_of, laid_out
from slotwise.lake.schema_upgrades import add_missing_columns
from slotwise.lake.schemas import Table, table_of
from slotwise.lake.store import Lake
from slotwise.rules.landing import Offset

#: The one application id of landings; one more per batch would slow every opening.
APP_ID = "slotwise-landing"
#: The application id of a spool's numbers is this and the spool's name. A gateway keeps its spool
#: as long as its folder, so there are few.
SPOOL_APP_ID = "slotwise-spool-"
#: The application id of the number of a table's newest commit of rows, which is in each of its rows
#: (column `landing`): the order of rows, which no clock decides.
LANDING_APP_ID = "slotwise-landings"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Of the queue: the landings since which items that had not ended have rows, there and in
#: `position_updates`.
OPEN_QUEUE_APP_ID, OPEN_ROWS_APP_ID = "slotwise-open-queue", "slotwise-open-rows"
#: Tries of an append beside others: each is a change made by hand, a few a day.
TRIES = 20


class Appended(NamedTuple):
    """Name a commit that was made by hand: the number of its rows, and the table's version."""

    landing: int
    version: int


class OpenSince(msgspec.Struct, frozen=True):
    """The landings of queue and `position_updates` since which rows of open items may be there."""

    queue: int = 0
    rows: int = 0


def open_since(lake: Lake, table: str) -> OpenSince:
    """Return since which landings rows may still matter; all where the table does not say.

    Raises LakeError.
    """
    with delta_errors(table):
        handle = lake.open_without_files(table)
        queue, rows = map(handle.transaction_version, (OPEN_QUEUE_APP_ID, OPEN_ROWS_APP_ID))
    return OpenSince(queue or 0, rows or 0)


class TableWriter:
    """Append landings to one table; hold its handle and the offset it has reached."""

    def __init__(self, lake: Lake, table: str) -> None:
        self._lake = lake
        self._table = table_of(table)
        self._handle: DeltaTable = lake.open_without_files(table)
        if add_missing_columns(self._handle, self._table):
            self._handle = lake.open_without_files(table)
        self._columns = columns_of(self._handle)

    @property
    def offset(self) -> Offset:
        """Return the offset of the newest landing that this handle has read; 0 before the first.

        Raises LakeError when the table's log cannot be read any more.
        """
        with delta_errors(self._table.name):
            return self._handle.transaction_version(APP_ID) or 0

    @property
    def landing(self) -> int:
        """Return the number of the table's newest commit of rows; 0 before the first."""
        with delta_errors(self._table.name):
            return self._handle.transaction_version(LANDING_APP_ID) or 0

    def spool_offset(self, spool: str) -> int:
        """Return the number that this table has reached of a spool; 0 before the first."""
        with delta_errors(self._table.name):
            return self._handle.transaction_version(SPOOL_APP_ID + spool) or 0

    def land(
        self,
        batches: Sequence[pa.RecordBatch],
        upto: Offset,
        now: datetime,
        spool_offsets: Mapping[str, int] | None = None,
        open_since: OpenSince | None = None,
    ) -> int:
        """Append rows as one commit that also records its progress: `upto`, or the table's own
        place where that is further, and the number of each spool that it has reached.

        `open_since` is kept for the function of that name.

        Raises StaleWriterError when another process landed since this handle was opened, and
        LakeError when the lake refuses.
        """
        landing = self.landing + 1
        rows = stamped(pa.Table.from_batches(batches, self._table.sent), self._table, now, landing)
        at_ms = int(time.time() * 1000)
        transactions = [Transaction(APP_ID, max(upto, self.offset), at_ms)]
        if open_since is not None:
            transactions.append(Transaction(OPEN_QUEUE_APP_ID, open_since.queue, at_ms))
            transactions.append(Transaction(OPEN_ROWS_APP_ID, open_since.rows, at_ms))
        transactions += [
            Transaction(SPOOL_APP_ID + spool, number, at_ms)
            for spool, number in (spool_offsets or {}).items()
        ]
        # Last: a commit that was torn before it is known for one.
        transactions.append(Transaction(LANDING_APP_ID, landing, at_ms))
        try:
            before = self._handle.version()
            with self._lake.writing(self._table.name) as write:
                write_deltalake(
                    self._handle,
                    laid_out(rows, self._columns),
                    mode="append",
                    commit_properties=write.properties(transactions),
                    post_commithook_properties=self._lake.hooks(),
                )
        except CommitFailedError as error:
            raise StaleWriterError(f"{self._table.name}: {reason_of(error)}") from error
        except (DeltaError, OSError) as error:
            raise LakeError(f"{self._table.name}: {reason_of(error)}") from error
        if self._lake.committed(self._table.name, before, self._handle):
            # A handle reads all commits behind the checkpoint that it was opened with.
            self._reopen()
        return int(rows.num_rows)

    def _reopen(self) -> None:
        reached = self.offset
        self._handle = self._lake.open_without_files(self._table.name)
        if self.offset != reached:
            raise StaleWriterError(f"{self._table.name} was landed in by another writer")


def append_rows(
    lake: Lake,
    table: str,
    batch: pa.RecordBatch,
    on_appended: Callable[[Appended], None] = lambda appended: None,
) -> None:
    """Append rows outside the landing stream: for tables that change by hand, such as strategies.

    Of two at once the second is refused by Delta, and numbers its rows again: so `landing` is the
    order in which changes were made, on whatever machine. `on_appended` is called once the commit
    is made, so that every reader finds it; then the disk is waited for, before this returns.
    Raises LakeError.
    """
    for _ in range(TRIES):
        handle = lake.open_without_files(table)
        if add_missing_columns(handle, table_of(table)):
            handle = lake.open_without_files(table)
        try:
            before = handle.version()
            landing = (handle.transaction_version(LANDING_APP_ID) or 0) + 1
            rows = stamped(
                pa.Table.from_batches([batch]), table_of(table), datetime.now(UTC), landing
            )
            with lake.writing(table) as write:
                write_deltalake(
                    handle,
                    laid_out(rows, columns_of(handle)),
                    mode="append",
                    commit_properties=write.properties([Transaction(LANDING_APP_ID, landing)]),
                    post_commithook_properties=lake.hooks(),
                )
        except CommitFailedError:
            continue
        except (DeltaError, OSError) as error:
            raise LakeError(f"{table}: {reason_of(error)}") from error
        on_appended(Appended(landing, handle.version()))
        lake.committed(table, before, handle)
        return
    raise LakeError(f"{table}: others changed it {TRIES} times meanwhile; try again")


def stamped(rows: pa.Table, table: Table, now: datetime, landing: int) -> pa.Table:
    """Add the columns of a landing, and cast to the table's schema."""
    schema, count = table.schema, rows.num_rows
    landed = {
        "landed_at": pa.scalar(now, schema.field("landed_at").type),
        "landing": pa.scalar(landing, pa.int64()),
        "date": pa.scalar(now.date(), pa.date32()),
    }
    columns = [*rows.columns, *(pa.repeat(value, count) for value in landed.values())]
    return pa.Table.from_arrays(columns, names=[*rows.column_names, *landed]).cast(schema)
