"""SQL over tables of the lake."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from slotwise.errors import LakeError
from slotwise.lake.error_text import reason_of
from slotwise.lake.foreign import completed
from slotwise.lake.store import Lake


def ask(lake: Lake, sql: str, *tables: str) -> list[dict[str, Any]]:
    """Run SQL over tables, each under its own name; raises LakeError as `ask_arrow` does."""
    rows: list[dict[str, Any]] = ask_arrow(lake, sql, *tables).to_pylist()
    return rows


def ask_arrow(lake: Lake, sql: str, *tables: str) -> pa.Table:
    """Run SQL over tables, each under its own name.

    Raises LakeAbsentError where there is no lake, and LakeError when a table cannot be read.
    """
    lake.verify()
    try:
        builder = QueryBuilder()
        handles = {name: DeltaTable(f"{lake.address}/{name}") for name in tables}
        sql, handles = completed(sql, handles)
        for name, handle in handles.items():
            builder = builder.register(name, handle)
        return pa.table(builder.execute(sql).read_all())
    except (DeltaError, OSError) as error:
        raise LakeError(f"lake {lake.address!r} cannot be read: {reason_of(error)}") from error


def quoted(text: str) -> str:
    """Write a text into SQL."""
    return "'" + text.replace("'", "''") + "'"
