"""Tables of other versions of Slotwise: an older one gets the columns it lacks, a newer one is
refused."""

from __future__ import annotations

import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError

from slotwise.errors import LakeError
from slotwise.lake.reasons import reason_of
from slotwise.lake.schemas import Table


def fitted(handle: DeltaTable, table: Table) -> bool:
    """See that a table has exactly our columns; tell whether it had to be changed.

    Older rows read as null in a new column. Raises LakeError for a table of a newer version.
    """
    theirs, ours = {field.name for field in handle.schema().fields}, set(table.schema.names)
    unknown = sorted(theirs - ours)
    if unknown:
        raise LakeError(
            f"{table.name} was made by a newer Slotwise (it has {', '.join(unknown)}): "
            "upgrade this one before it writes there"
        )
    missing = [field for field in table.schema if field.name not in theirs]
    if not missing:
        return False
    try:
        handle.alter.add_columns(Schema.from_arrow(pa.schema(missing)).fields)
    except (DeltaError, OSError) as error:
        raise LakeError(f"{table.name} cannot be changed: {reason_of(error)}") from error
    return True
