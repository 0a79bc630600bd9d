"""Entries that cannot land: kept as rows of table `set_aside`, so that the rest goes on.

An entry is set aside when its bytes cannot be read, when it is for a table this version does not
know, or when its rows are laid out otherwise than the table. It is kept as it came: once the
cause is gone it can be sent again.
"""

from __future__ import annotations

import msgspec
import pyarrow as pa

from slotwise.lake.arrow import to_batch, to_bytes
from slotwise.lake.schemas import POSITION_UPDATES, SET_ASIDE, TABLES
from slotwise.landing import Answered, Entry, Rows, Unreadable

#: Tables whose rows do not come by the stream.
NOT_FED = frozenset(("position_queue", "strategy_registry", "silences"))


class AsideRow(msgspec.Struct, frozen=True):
    """Hold one row of table `set_aside`."""

    entry: int
    event: str
    reason: str
    head: bytes
    rows: bytes | None


def fit_to_land(entry: Entry) -> Entry:
    """Return the entry, or the one that sets it aside in its place."""
    reason = _fault(entry)
    if reason is None:
        return entry
    if isinstance(entry.head, Unreadable):
        head, rows = entry.head.head, entry.head.rows
    else:
        head = msgspec.msgpack.encode(entry.head)
        rows = None if entry.rows is None else to_bytes(entry.rows)
    row = AsideRow(entry.offset, "set_aside", reason, head, rows)
    aside = to_batch([row], SET_ASIDE.sent)
    return Entry(entry.offset, Rows(SET_ASIDE.name), aside, entry.origin)


def put_back_row(row: AsideRow) -> pa.RecordBatch:
    """Say that an entry was sent again."""
    back = AsideRow(row.entry, "put_back", row.reason, row.head, row.rows)
    return to_batch([back], SET_ASIDE.sent)


def _fault(entry: Entry) -> str | None:
    match entry.head:
        case Unreadable(reason=reason):
            return reason
        case Rows(table=table):
            if table not in TABLES or table in NOT_FED:
                return f"there is no table {table!r} to land in: is its sender newer?"
            return _misfit(entry.rows, TABLES[table].sent, table)
        case Answered(succeeded=succeeded):
            if entry.rows is None:
                return f"{len(succeeded)} items and no rows" if succeeded else None
            if entry.rows.num_rows != len(succeeded):
                return f"{len(succeeded)} items and {entry.rows.num_rows} rows"
            return _misfit(entry.rows, POSITION_UPDATES.sent, POSITION_UPDATES.name)
        case _:
            return None


def _misfit(rows: pa.RecordBatch | None, schema: pa.Schema, table: str) -> str | None:
    if rows is None or rows.schema.equals(schema):
        return None
    theirs, ours = set(rows.schema.names), set(schema.names)
    columns = ", ".join(sorted(theirs ^ ours)) or "types"
    return f"rows for {table} are laid out otherwise ({columns}): is their sender newer or older?"
