"""SQL over tables of the lake."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import TableNotFoundError

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

    To open a table is to read which files it has: a few milliseconds of a year's. `open_at` opens
    the table at an address.
    """

    def __init__(self, lake: Lake, open_at: Callable[[str], DeltaTable] = DeltaTable) -> None:
        self._lake = lake
        self._open_at = open_at
        self._handles: dict[str, DeltaTable] = {}

    def open(self, *tables: str) -> None:
        """Open tables beside each other; a later one has all that landed before an earlier one.

        A table that is not there is left to the question that needs it. Raises as `ask_arrow`.
        """
        lake = self._lake
        lake.verify()
        missing = [name for name in tables if name not in self._handles]
        if not missing:
            return
        with delta_errors(f"lake {lake.address!r} cannot be read"):
            if len(missing) == 1:
                found = [self._open_table(missing[0])]
            else:
                # Delta reads a table's log without Python's lock.
                with ThreadPoolExecutor(len(missing)) as pool:
                    found = list(pool.map(self._open_table, missing))
                for handle in filter(None, found[1:]):
                    handle.update_incremental()
        self._handles |= {n: h for n, h in zip(missing, found, strict=True) if h is not None}

    def handle(self, table: str) -> DeltaTable | None:
        """Return a table that was opened; None for one that was not there."""
        return self._handles.get(table)

    def ask(self, sql: str, *tables: str) -> pa.Table:
        """Run SQL over tables, each under its own name; raises as `ask_arrow`."""
        lake = self._lake
        self.open(*tables)
        with delta_errors(f"lake {lake.address!r} cannot be read"):
            for name in tables:
                if name not in self._handles:
                    # It is not there: Delta raises.
                    self._handles[name] = self._open_at(f"{lake.address}/{name}")
            builder = QueryBuilder()
            sql, handles = completed(sql, {name: self._handles[name] for name in tables})
            for name, handle in handles.items():
                builder = builder.register(name, handle)
            return pa.table(builder.execute(sql).read_all())

    def _open_table(self, table: str) -> DeltaTable | None:
        try:
            return self._open_at(f"{self._lake.address}/{table}")
        except TableNotFoundError:
            return None
