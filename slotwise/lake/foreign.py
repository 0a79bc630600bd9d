"""What other engines and other versions leave in a table: columns more or fewer, rows with nulls.

Rules:
* A column that we do not have is kept, and our rows leave it null. One that may not be null makes
  the table unusable to us: an error names it.
* A column of ours that a table does not have yet reads as null; the lake worker adds it.
* A row that lacks what it needs is left out of an answer and named in the log, once per process;
  its neighbours are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
import structlog
from deltalake import DeltaTable

from slotwise.lake.schemas import TABLES, Table

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: Names of SQL's types for the types of our columns; decimals are written with their digits.
_SQL_TYPES: Mapping[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.int32(): "INT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.binary(): "BYTEA",
    pa.date32(): "DATE",
    pa.timestamp("us", "UTC"): "TIMESTAMP",
}
#: What of a row names it to a person, in this order.
_NAMING = (
    "account", "con_id", "strategy", "event_id", "item_id", "life_id", "silence_id", "entry",
    "report_id", "event", "at", "observed_at", "landed_at",
)  # fmt: skip
#: Rows named at most in one process: more would only fill the log.
NAMED_AT_MOST = 1000

_named: set[tuple[str, str]] = set()


def columns_of(handle: DeltaTable) -> pa.Schema:
    """Return a table's columns as pyarrow has them."""
    found: Any = handle.schema()  # pyarrow reads it through Arrow's C interface
    return pa.schema(found)


def misfit(theirs: pa.Schema, table: Table) -> str | None:
    """Return what keeps us from appending to a table with these columns; None for nothing."""
    for field in theirs:
        if field.name not in table.schema.names and not field.nullable:
            return (
                f"{table.name} has a column {field.name} that may not be null and that this"
                " Slotwise does not know: make it nullable, or upgrade"
            )
    return None


def laid_out(rows: pa.Table, theirs: pa.Schema) -> pa.Table:
    """Return rows with the columns of a table, in its order; null where they have none."""
    columns = [
        rows.column(field.name)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in theirs
    ]
    return pa.Table.from_arrays(columns, names=theirs.names)


def completed(sql: str, handles: Mapping[str, DeltaTable]) -> tuple[str, dict[str, DeltaTable]]:
    """Return a query and its tables such that columns of ours which a table lacks read as null."""
    named: dict[str, DeltaTable] = {}
    views = []
    for name, handle in handles.items():
        missing = _missing(name, handle)
        if not missing:
            named[name] = handle
            continue
        named[f"stored_{name}"] = handle
        nulls = ", ".join(f'CAST(NULL AS {_sql_type(f.type)}) AS "{f.name}"' for f in missing)
        views.append(f"{name} AS (SELECT *, {nulls} FROM stored_{name})")
    if not views:
        return sql, named
    with_views = "WITH " + ", ".join(views)
    rest, found = re.subn(r"^\s*WITH\s", ", ", sql, count=1)
    return f"{with_views}{rest}" if found else f"{with_views} {sql}", named


def values_of(rows: Iterable[dict[str, Any]], kind: type[T], table: str) -> list[T]:
    """Return rows as values; a row that makes none is left out and named."""
    rows = list(rows)
    try:
        return msgspec.convert(rows, list[kind])  # type: ignore[valid-type]  # known only at run time
    except msgspec.ValidationError:
        pass
    found = []
    for row in rows:
        try:
            found.append(msgspec.convert(row, kind))
        except msgspec.ValidationError as error:
            skip(table, row, str(error))
    return found


def skip(table: str, row: Mapping[str, Any], reason: str) -> None:
    """Log a row that is left out, once."""
    name = ", ".join(f"{key}={row[key]}" for key in _NAMING if row.get(key) is not None)
    if (table, name) in _named or len(_named) >= NAMED_AT_MOST:
        return
    _named.add((table, name))
    log.warning("row of the lake skipped", table=table, row=name or "no name", reason=reason)


def _missing(name: str, handle: DeltaTable) -> list[pa.Field[Any]]:
    if name not in TABLES:
        return []
    theirs = {field.name for field in handle.schema().fields}
    return [field for field in TABLES[name].schema if field.name not in theirs]


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    return _SQL_TYPES[kind]
