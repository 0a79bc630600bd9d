"""Misfits: rows with a value that their column cannot hold. Each fails alone, with its reason.

TWS may send any number: a price of 1E+13, a quantity of 9223372036854775807. Rows travel to the
lake in batches, and Arrow refuses a batch as a whole, so misfits are taken out before it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import structlog

from slotwise.errors import InputError
from slotwise.lake.arrow import to_batch

log = structlog.get_logger(__name__)

#: What Arrow and the decimals raise for a value that does not fit: too large, no number, no text.
REFUSALS = (pa.ArrowException, ArithmeticError, ValueError, TypeError)
#: Misfits remembered, so that each is logged once while it lasts.
MAX_REMEMBERED = 10_000


class FitRows(msgspec.Struct, frozen=True):
    """Hold the rows that fit, as a batch, and of the others why, by their place."""

    batch: pa.RecordBatch
    misfits: dict[int, str]


def fit_rows(rows: Sequence[object], schema: pa.Schema) -> FitRows:
    """Make a batch of the rows that fit their columns."""
    try:
        return FitRows(to_batch(rows, schema), {})
    except REFUSALS:
        pass  # Rare, so only now each row is tried by itself.
    misfits: dict[int, str] = {}
    for field in schema:
        column = pa.schema([field])
        if _refusal(rows, column) is None:
            continue
        for place, row in enumerate(rows):
            if place not in misfits and _refusal([row], column) is not None:
                misfits[place] = (
                    f"{field.name} {getattr(row, field.name)} does not fit {field.type}"
                )
    kept = [row for place, row in enumerate(rows) if place not in misfits]
    return FitRows(to_batch(kept, schema), misfits)


def batch_by_hand(rows: Sequence[object], schema: pa.Schema) -> pa.RecordBatch:
    """Make a batch of rows given by hand; raises InputError for a value that does not fit."""
    found = fit_rows(rows, schema)
    for why in found.misfits.values():
        raise InputError(f"{why}: give a smaller one")
    return found.batch


def _refusal(rows: Sequence[object], schema: pa.Schema) -> Exception | None:
    try:
        to_batch(rows, schema)
    except REFUSALS as error:
        return error
    return None


class MisfitLog:
    """Log of the misfits of one sender: each once, until its row fits or has another fault."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._logged: dict[object, str] = {}

    def batch(
        self, rows: Sequence[object], schema: pa.Schema, keys: Sequence[str]
    ) -> pa.RecordBatch | None:
        """Make a batch of the rows that fit, and log the others by those attributes.

        None where no row fits.
        """
        found = fit_rows(rows, schema)
        for place, row in enumerate(rows):
            self._note(_values_of(row, keys), found.misfits.get(place))
        return found.batch if found.batch.num_rows else None

    def _note(self, named: dict[str, Any], why: str | None) -> None:
        key = tuple(named.values())
        if why is None:
            self._logged.pop(key, None)
        elif self._logged.get(key) != why:
            if len(self._logged) >= MAX_REMEMBERED:
                self._logged.clear()
            self._logged[key] = why
            log.error("row does not fit its table", table=self._table, reason=why, **named)


def _values_of(row: object, keys: Sequence[str]) -> dict[str, Any]:
    return {key: getattr(row, key) for key in keys}
