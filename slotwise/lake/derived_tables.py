"""Progress of a derived table, kept as Delta transactions: how far it has read others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, Transaction
from deltalake.exceptions import DeltaError, TableNotFoundError

from slotwise.errors import LakeError
from slotwise.lake.error_text import delta_errors, reason_of
from slotwise.lake.newest import Reach
from slotwise.lake.store import Lake
from slotwise.lake.writer import EPOCH, LANDING_APP_ID
from slotwise.rules.landing import POSITIONS

#: Added to a derived table's application id: the time that belongs to its landing.
TIME_OF = "-time"


def derived_address(lake: Lake, table: str) -> str:
    """Return the address of a table that is none of the tables of events."""
    return f"{lake.address}/{table}"


def open_derived(lake: Lake, table: str) -> DeltaTable | None:
    """Open a derived table; None where it is not there. Raises what Delta raises."""
    address = derived_address(lake, table)
    return DeltaTable(address) if DeltaTable.is_deltatable(address) else None


def read_reach(lake: Lake, table: str, app_id: str) -> Reach | None:
    """Read how far a derived table has read; None where it does not say, or is not there.

    Raises LakeError.
    """
    try:
        return reach_of(DeltaTable(derived_address(lake, table), without_files=True), app_id)
    except TableNotFoundError:
        return None
    except (DeltaError, OSError) as error:
        raise LakeError(f"lake {lake.address!r} cannot be read: {reason_of(error)}") from error


def reach_of(handle: DeltaTable, app_id: str) -> Reach | None:
    """Return how far a derived table has read; None where it does not say. Raises as Delta does."""
    landing = handle.transaction_version(app_id)
    time = handle.transaction_version(app_id + TIME_OF)
    if landing is None or time is None:
        return None
    return Reach(landing, EPOCH + timedelta(microseconds=time))


def reach_transactions(app_id: str, reach: Reach) -> list[Transaction]:
    """Return the transactions that record a reach, for the commit that makes it true."""
    time = (reach.landed_at - EPOCH) // timedelta(microseconds=1)
    return [Transaction(app_id, reach.landing), Transaction(app_id + TIME_OF, time)]


def newest_landing(lake: Lake) -> int:
    """Return the number of the newest landing of `position_updates`; raises LakeError."""
    with delta_errors(f"lake {lake.address!r} cannot be read"):
        return lake.open_without_files(POSITIONS).transaction_version(LANDING_APP_ID) or 0


def newest_in(times: pa.ChunkedArray[Any]) -> datetime | None:
    """Return the latest of a column of times; None for no row."""
    # Arrow makes its 300 functions in a tenth of a second: not at the start of each process.
    import pyarrow.compute as pc

    found: datetime | None = pc.max(times).as_py()
    return found


def latest_of(times: list[datetime | None]) -> datetime:
    """Return the latest of times, the epoch for none."""
    return max((time for time in times if time is not None), default=EPOCH)
