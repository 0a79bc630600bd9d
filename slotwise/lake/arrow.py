"""Values to Arrow and back: what travels to the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa

from slotwise.precision import rounded

#: Batches from this many bytes on are compressed: the marks of 10,000 holdings, 1.5 MB a minute. A
#: batch of 50 rows is not compressed: bytes to be saved would be few.
LARGE_BYTES = 200_000
#: The fastest one that readers of Arrow support without a setting.
COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


def to_batch(rows: Sequence[object], schema: pa.Schema) -> pa.RecordBatch:
    """Turn frozen values into one record batch; each column is the attribute of that name.

    Decimals are rounded to the column's scale (`precision`), empty strings become null.
    """
    plan = _plan_of(schema)
    columns = zip(*map(plan.get, rows), strict=True) if rows else ((),) * len(schema)
    count = len(rows)
    arrays = [
        # Many columns are unknown of all rows.
        pa.nulls(count, kind) if values.count(None) == count else pa.array(fit(values), type=kind)
        for values, kind, fit in zip(columns, plan.types, plan.fits, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Plan(NamedTuple):
    """How values of a schema are taken apart, and what is done with each column."""

    get: Callable[[object], tuple[Any, ...]]
    #: Types of columns; Any, since pyarrow has a signature for each of them.
    types: tuple[Any, ...]
    fits: tuple[Callable[[Iterable[Any]], Iterable[Any]], ...]


@lru_cache
def _plan_of(schema: pa.Schema) -> _Plan:
    names = schema.names
    get = attrgetter(*names)
    # Of one name attrgetter gives the value itself.
    taken = get if len(names) > 1 else lambda row: (get(row),)
    return _Plan(taken, tuple(schema.types), tuple(_fit_of(kind) for kind in schema.types))


def _fit_of(kind: pa.DataType) -> Callable[[Iterable[Any]], Iterable[Any]]:
    if pa.types.is_decimal(kind):
        scale = kind.scale
        return lambda values: [None if v is None else rounded(v, scale) for v in values]
    if pa.types.is_string(kind):
        return lambda values: [None if value == "" else value for value in values]
    return lambda values: values


def to_bytes(batch: pa.RecordBatch) -> bytes:
    """Serialise one record batch with its schema (Arrow IPC stream), a large one compressed."""
    sink = pa.BufferOutputStream()
    options = COMPRESSED if batch.nbytes >= LARGE_BYTES else None
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def from_bytes(data: bytes) -> pa.RecordBatch:
    """Read what `to_bytes` wrote."""
    with pa.ipc.open_stream(data) as reader:
        return reader.read_next_batch()
