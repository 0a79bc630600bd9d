"""Result: rows that a client returns, as Arrow, pandas, Polars or DuckDB wants them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pyarrow as pa

from slotwise.errors import InputError
from slotwise.formatting import counted


class Result:
    """Rows and columns in Arrow; any library that takes Arrow's streams takes a result itself."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield each row by the names of its columns; numbers are exact decimals."""
        yield from self._table.to_pylist()

    def __repr__(self) -> str:
        return f"<{counted(len(self), 'row')} of {', '.join(self._table.column_names)}>"

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the rows by Arrow's C interface."""
        table: Any = self._table
        return table.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """Return the Arrow table; its numbers are exact decimals."""
        return self._table

    def to_pandas(self, *, exact: bool = False) -> Any:
        """Return a pandas frame; numbers are floats, or exact objects where that is asked for.

        Needs slotwise[pandas]; raises InputError without it.
        """
        _library("pandas")
        return (self._table if exact else _floats(self._table)).to_pandas()

    def to_polars(self, *, exact: bool = False) -> Any:
        """Return a Polars frame; numbers are floats, or exact decimals where that is asked for.

        Needs slotwise[polars]; raises InputError without it.
        """
        return _library("polars").from_arrow(self._table if exact else _floats(self._table))

    def to_duckdb(self, connection: Any = None) -> Any:
        """Return a relation of DuckDB; needs slotwise[duckdb], raises InputError without it."""
        library = _library("duckdb")
        return (connection or library).from_arrow(self._table)


def _library(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(f"{name} is not installed: pip install 'slotwise[{name}]'") from error


def _floats(table: pa.Table) -> pa.Table:
    fields = [
        field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
