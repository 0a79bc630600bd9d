"""What of an answer fits its table: one position too large for a column fails alone."""

from __future__ import annotations

from decimal import InvalidOperation

import msgspec
import pyarrow as pa

from slotwise.lake.arrow import to_batch
from slotwise.polling import Answer


def fitted(answer: Answer, schema: pa.Schema) -> tuple[Answer, pa.RecordBatch | None]:
    """Make an answer's rows a record batch; items whose row does not fit fail with the reason."""
    try:
        return answer, to_batch(answer.rows, schema) if answer.rows else None
    except (pa.ArrowInvalid, InvalidOperation):
        pass  # Rare, so only now each row is tried by itself.
    unfit = {
        row.item_id: reason for row in answer.rows if (reason := _misfit(row, schema)) is not None
    }
    rows = tuple(row for row in answer.rows if row.item_id not in unfit)
    kept = msgspec.structs.replace(
        answer,
        succeeded=tuple(item_id for item_id in answer.succeeded if item_id not in unfit),
        failed=(*answer.failed, *((i, unfit[i]) for i in answer.succeeded if i in unfit)),
        rows=rows,
    )
    return kept, to_batch(rows, schema) if rows else None


def _misfit(row: object, schema: pa.Schema) -> str | None:
    """Name the first column that cannot hold its value; None when all can."""
    for field in schema:
        try:
            to_batch([row], pa.schema([field]))
        except (pa.ArrowInvalid, InvalidOperation):
            return f"{field.name} {getattr(row, field.name)} does not fit {field.type}"
    return None
