"""The writer: one append to one table, exactly once per offset.

The offset of the landing stream is kept as the version of a Delta transaction of the table.
Delta compares no versions by itself. It refuses a commit only when another one with the same
application id came after the handle's own snapshot, so the check of the offset and the commit
happen on one and the same handle.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from slotwise.errors import LakeError, StaleWriterError
from slotwise.lake.evolution import fitted
from slotwise.lake.reasons import reason_of
from slotwise.lake.schemas import table_of
from slotwise.lake.store import Lake
from slotwise.landing import Offset

#: The one application id of landings; one more per batch would slow every opening.
APP_ID = "slotwise-landing"
#: The application id of a spool's numbers is this and the spool's name. A gateway keeps its spool
#: as long as its folder, so there are few.
SPOOL_APP_ID = "slotwise-spool-"
#: A handle slows with each commit made on it (25 to 136 ms over 600): open a new one after these.
COMMITS_PER_HANDLE = 40


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Of the queue: since when rows of items that had not ended have landed, in microseconds.
OPEN_SINCE_APP_ID = "slotwise-open-from"


def open_since(lake: Lake, table: str) -> datetime | None:
    """Tell since when rows of a table may still matter; None where nobody said so.

    Raises LakeError.
    """
    try:
        found = lake.open(table).transaction_version(OPEN_SINCE_APP_ID)
    except (DeltaError, OSError) as error:
        raise LakeError(f"{table}: {reason_of(error)}") from error
    return None if found is None else EPOCH + timedelta(microseconds=found)


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


class TableWriter:
    """Append landings to one table; hold its handle and the offset it has reached."""

    def __init__(self, lake: Lake, table: str) -> None:
        self._lake = lake
        self._table = table_of(table)
        self._commits = 0
        self._handle: DeltaTable = lake.open(table)
        if fitted(self._handle, self._table):
            self._handle = lake.open(table)

    @property
    def offset(self) -> Offset:
        """Give the offset of the newest landing this handle knows of; 0 before the first.

        Raises LakeError when the table's log cannot be read any more.
        """
        with self._readable():
            return self._handle.transaction_version(APP_ID) or 0

    def mark(self, spool: str) -> int:
        """Give the number that this table has reached of a spool; 0 before the first."""
        with self._readable():
            return self._handle.transaction_version(SPOOL_APP_ID + spool) or 0

    def land(
        self,
        batches: Sequence[pa.RecordBatch],
        upto: Offset,
        now: datetime,
        marks: Mapping[str, int] | None = None,
        open_since: datetime | None = None,
    ) -> int:
        """Append rows as one commit that also says the table has reached `upto`, or stays where
        it is if that is further, and which number of each spool it has reached.

        `open_since` is kept for `open_since` to give.

        Raises StaleWriterError when somebody else landed since this handle was opened, and
        LakeError when the lake refuses.
        """
        rows = stamped(pa.Table.from_batches(batches, self._table.sent), self._table.schema, now)
        at_ms = int(time.time() * 1000)
        told = [Transaction(APP_ID, max(upto, self.offset), at_ms)]
        if open_since is not None:
            told.append(Transaction(OPEN_SINCE_APP_ID, _microseconds(open_since), at_ms))
        told += [Transaction(SPOOL_APP_ID + s, n, at_ms) for s, n in (marks or {}).items()]
        try:
            write_deltalake(
                self._handle,
                rows,
                mode="append",
                commit_properties=CommitProperties(app_transactions=told),
            )
        except CommitFailedError as error:
            raise StaleWriterError(f"{self._table.name}: {reason_of(error)}") from error
        except (DeltaError, OSError) as error:
            raise LakeError(f"{self._table.name}: {reason_of(error)}") from error
        self._commits += 1
        if self._commits % COMMITS_PER_HANDLE == 0:
            self._reopen()
        return int(rows.num_rows)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (DeltaError, OSError) as error:
            raise LakeError(f"{self._table.name}: {reason_of(error)}") from error

    def _reopen(self) -> None:
        reached = self.offset
        self._handle = self._lake.open(self._table.name)
        if self.offset != reached:
            raise StaleWriterError(f"{self._table.name} was landed in by another writer")


def append_rows(lake: Lake, table: str, batch: pa.RecordBatch) -> None:
    """Append rows outside the landing stream: for tables that change by hand, such as strategies.

    Raises LakeError when the lake refuses.
    """
    schema = table_of(table).schema
    rows = stamped(pa.Table.from_batches([batch]), schema, datetime.now(UTC))
    try:
        write_deltalake(lake.open(table), rows, mode="append")
    except (DeltaError, OSError) as error:
        raise LakeError(f"{table}: {reason_of(error)}") from error


def stamped(rows: pa.Table, schema: pa.Schema, now: datetime) -> pa.Table:
    """Add `landed_at` and `date`, and cast to the table's schema."""
    count = rows.num_rows
    landed_at = pa.repeat(pa.scalar(now, schema.field("landed_at").type), count)
    date = pa.repeat(pa.scalar(now.date(), pa.date32()), count)
    columns = [*rows.columns, landed_at, date]
    return pa.Table.from_arrays(columns, names=[*rows.column_names, "landed_at", "date"]).cast(
        schema
    )
