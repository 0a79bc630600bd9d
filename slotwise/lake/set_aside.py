"""Entries that cannot land: kept as rows of table `set_aside`, so that the rest goes on.

Of an entry with one part that cannot land, such as an item without an account, that part alone is
set aside (`head_faults`).

An entry is set aside when its bytes cannot be read, when it is for a table this version does not
know, when its rows are laid out otherwise than the table, when a value is too large for its
column, or when a landing failed with it alone. It is kept as it came: once the cause is gone it
can be sent again. Rows of an older sender, which lack columns that may be null, land as they are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
import pyarrow as pa

from slotwise.formatting import counted
from slotwise.lake.arrow import to_batch, to_bytes
from slotwise.lake.head_faults import parted
from slotwise.lake.schemas import POSITION_UPDATES, SET_ASIDE, TABLES
from slotwise.rules.landing import Answered, Entry, Rows, Unreadable

#: Tables whose rows do not come by the stream.
NOT_FED = frozenset(("position_queue", "strategy_registry", "silences"))


#: Columns of nulls that are kept to be used again: one of each type, and nearly all rows come in
#: fifties.
NULLS_KEPT = 64

#: Columns without which a row has no use; others may be missing in rows of an older sender.
REQUIRED = frozenset(
    (
        "account", "con_id", "symbol", "sec_type", "quantity", "observed_at", "at", "event",
        "report_id", "break_id", "entry",
    )
)  # fmt: skip


class AsideRow(msgspec.Struct, frozen=True):
    """Hold one row of table `set_aside`."""

    entry: int
    event: str
    reason: str
    head: bytes
    rows: bytes | None


def fit_to_land(entry: Entry, known: str | None = None) -> tuple[Entry, ...]:
    """Return the entry as it lands, the one that sets it aside in its place, or one of each.

    `known` is a reason that was found before, when it could not land. Those returned have the
    entry's offset; they are for different tables, each of which takes an offset once.
    """
    try:
        if known is not None:
            raise _MisfitError(known)
        return _fit(entry)
    except _MisfitError as misfit:
        return (_aside(entry, str(misfit)),)


def _aside(entry: Entry, reason: str) -> Entry:
    if isinstance(entry.head, Unreadable):
        head, rows = entry.head.head, entry.head.rows
    else:
        head = msgspec.msgpack.encode(entry.head)
        rows = None if entry.rows is None else to_bytes(entry.rows)
    row = AsideRow(entry.offset, "set_aside", reason, head, rows)
    aside = to_batch([row], SET_ASIDE.sent)
    return Entry(entry.offset, Rows(SET_ASIDE.name), aside, entry.origin)


def without_empty_columns(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows without the columns that are null in all of them, which `fit_to_land` adds again.

    Of contracts without a quote or a mark that is half of a batch's columns.
    """
    names, columns, count = rows.schema.names, rows.columns, rows.num_rows
    filled = [
        name
        for name, column in zip(names, columns, strict=True)
        if column.null_count < count or name in REQUIRED
    ]
    return rows if len(filled) == len(names) else rows.select(filled)


def put_back_row(row: AsideRow) -> pa.RecordBatch:
    """Record that an entry was sent again."""
    back = AsideRow(row.entry, "put_back", row.reason, row.head, row.rows)
    return to_batch([back], SET_ASIDE.sent)


class _MisfitError(Exception):
    """An entry cannot land; the text gives the reason."""


def _fit(entry: Entry) -> tuple[Entry, ...]:
    aside: tuple[Entry, ...] = ()
    match entry.head:
        case Unreadable(reason=reason):
            raise _MisfitError(reason)
        case Rows(table=table):
            if table not in TABLES or table in NOT_FED:
                raise _MisfitError(f"there is no table {table!r} to land in: is its sender newer?")
            rows = _fit_rows(entry.rows, TABLES[table].sent, table)
        case whole:
            parts = parted(whole)
            if (head := parts.fit) is None:
                raise _MisfitError(parts.fault)
            if parts.unfit is not None:
                unfit = Entry(entry.offset, parts.unfit, None, entry.origin)
                aside = (_aside(unfit, parts.fault),)
                entry = Entry(entry.offset, head, entry.rows, entry.origin)
            rows = entry.rows
            if isinstance(head, Answered):
                if entry.rows is None and head.succeeded:
                    raise _MisfitError(f"{counted(len(head.succeeded), 'item')} and no rows")
                if entry.rows is not None and entry.rows.num_rows != len(head.succeeded):
                    raise _MisfitError(
                        f"{counted(len(head.succeeded), 'item')} and"
                        f" {counted(entry.rows.num_rows, 'row')}"
                    )
                rows = _fit_rows(entry.rows, POSITION_UPDATES.sent, POSITION_UPDATES.name)
    if rows is not entry.rows:
        entry = Entry(entry.offset, entry.head, rows, entry.origin)
    return entry, *aside


def _as_type(column: Any, kind: Any) -> Any:
    return column if column.type == kind else column.cast(kind)


@lru_cache(NULLS_KEPT)
def _nulls(count: int, kind: Any) -> Any:
    return pa.nulls(count, kind)


def _fit_rows(rows: pa.RecordBatch | None, schema: pa.Schema, table: str) -> pa.RecordBatch | None:
    """Return rows with the table's columns; an older sender's lack some."""
    if rows is None:
        return None
    try:
        rows.validate(full=True)
        if rows.schema.equals(schema):
            return rows
        theirs, ours = set(rows.schema.names), set(schema.names)
        if theirs - ours or (ours - theirs) & REQUIRED:
            columns = ", ".join(sorted(theirs ^ ours))
            raise _MisfitError(
                f"rows for {table} are laid out otherwise ({columns}): is their sender newer or"
                " older?"
            )
        columns_of_ours = [
            _as_type(rows.column(field.name), field.type)
            if field.name in theirs
            else _nulls(rows.num_rows, field.type)
            for field in schema
        ]
    except pa.ArrowException as error:
        raise _MisfitError(f"rows for {table} cannot be used: {error}") from error
    return pa.RecordBatch.from_arrays(columns_of_ours, schema=schema)
