"""SQL over tables of the lake."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from slotwise.lake.error_text import delta_errors
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
    return OpenTables(lake).ask(sql, *tables)


class OpenTables:
    """Tables of a lake, each opened once: for several questions about one state of it.

    To open a table is to read which files it has: a few milliseconds of a year's.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._handles: dict[str, DeltaTable] = {}

    def ask(self, sql: str, *tables: str) -> pa.Table:
        """Run SQL over tables, each under its own name; raises as `ask_arrow`."""
        lake = self._lake
        lake.verify()
        with delta_errors(f"lake {lake.address!r} cannot be read"):
            builder = QueryBuilder()
            for name in tables:
                if name not in self._handles:
                    self._handles[name] = DeltaTable(f"{lake.address}/{name}")
            sql, handles = completed(sql, {name: self._handles[name] for name in tables})
            for name, handle in handles.items():
                builder = builder.register(name, handle)
            return pa.table(builder.execute(sql).read_all())
