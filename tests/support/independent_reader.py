"""Tables as another program reads them: DuckDB over the Parquet files, none of our queries."""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from slotwise.lake.store import Lake


def arrow_schema(table: DeltaTable) -> pa.Schema:
    """Return the columns of a table as Arrow has them."""
    return pa.schema(table.schema().to_arrow())  # type: ignore[arg-type]  # read by Arrow's C interface, which the stubs lack


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """Return this process's connection: to make one costs as much as ten questions."""
    return duckdb.connect(config={"threads": 1})


def open_duckdb() -> duckdb.DuckDBPyConnection:
    """Return a connection for the block that closes it, and for the thread that asks."""
    return _connection().cursor()


def rows_of(lake: Lake, table: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    """Select columns of a table."""
    files = DeltaTable(lake.uri(table)).file_uris()
    if not files:
        return []
    with open_duckdb() as cursor:
        return cursor.execute(
            f"SELECT {columns} FROM read_parquet($files, union_by_name=true) WHERE {where}",
            {"files": files},
        ).fetchall()
