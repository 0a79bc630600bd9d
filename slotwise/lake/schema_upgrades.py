"""Tables of other versions and other engines: one that lacks columns of ours gets them, and
columns that we do not have are left alone where they may be null."""

from __future__ import annotations

import pyarrow as pa
from deltalake import DeltaTable, Schema

from slotwise.errors import LakeError
from slotwise.lake.error_text import delta_errors
from slotwise.lake.foreign import columns_of, misfit
from slotwise.lake.schemas import Table


def add_missing_columns(handle: DeltaTable, table: Table) -> bool:
    """Add our columns that a table lacks; return True where it had to be changed.

    Older rows read as null in a new column. Raises LakeError for a table that has a column which
    may not be null and is not ours.
    """
    if (reason := misfit(columns_of(handle), table)) is not None:
        raise LakeError(reason)
    theirs = {field.name for field in handle.schema().fields}
    missing = [field for field in table.schema if field.name not in theirs]
    if not missing:
        return False
    with delta_errors(f"{table.name} cannot be changed"):
        handle.alter.add_columns(Schema.from_arrow(pa.schema(missing)).fields)
    return True
