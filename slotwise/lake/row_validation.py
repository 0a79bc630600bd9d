"""What of an answer fits its table: one position too large for a column fails alone."""

from __future__ import annotations

import msgspec
import pyarrow as pa

from slotwise.lake import misfits
from slotwise.rules.polling import Answer


def validate_rows(answer: Answer, schema: pa.Schema) -> tuple[Answer, pa.RecordBatch | None]:
    """Make an answer's rows a record batch; items whose row does not fit fail with the reason."""
    if not answer.rows:
        return answer, None
    found = misfits.fit_rows(answer.rows, schema)
    if not found.misfits:
        return answer, found.batch
    unfit = {answer.succeeded[place]: why for place, why in found.misfits.items()}
    kept = msgspec.structs.replace(
        answer,
        succeeded=tuple(item_id for item_id in answer.succeeded if item_id not in unfit),
        failed=(*answer.failed, *unfit.items()),
        rows=tuple(row for place, row in enumerate(answer.rows) if place not in found.misfits),
    )
    return kept, found.batch if kept.rows else None
