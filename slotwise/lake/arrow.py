"""Values to Arrow and back: what travels to the lake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

T = TypeVar("T")


def to_batch(rows: Sequence[object], schema: pa.Schema) -> pa.RecordBatch:
    """Turn frozen values into one record batch; each column is the attribute of that name.

    Decimals are rounded half to even to the column's scale, empty strings become null.
    """
    columns = [
        pa.array(_column((getattr(row, field.name) for row in rows), field.type), type=field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(values: Iterable[Any], kind: pa.DataType) -> list[Any]:
    if pa.types.is_decimal(kind):
        step = Decimal(1).scaleb(-kind.scale)
        return [
            None if value is None else value.quantize(step, rounding=ROUND_HALF_EVEN)
            for value in values
        ]
    if pa.types.is_string(kind):
        return [None if value == "" else value for value in values]
    return list(values)


def to_bytes(batch: pa.RecordBatch) -> bytes:
    """Serialise one record batch with its schema (Arrow IPC stream)."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def from_bytes(data: bytes) -> pa.RecordBatch:
    """Read what `to_bytes` wrote."""
    with pa.ipc.open_stream(data) as reader:
        return reader.read_next_batch()


def from_rows(batch: pa.RecordBatch, kind: type[T]) -> list[T]:
    """Turn a record batch into values, each attribute the column of that name."""
    return msgspec.convert(batch.to_pylist(), list[kind])  # type: ignore[valid-type]  # known only at run time
