"""Times that a table tells of itself, as Delta transactions: of tables made of others."""

from __future__ import annotations

from datetime import datetime, timedelta

from deltalake import DeltaTable, Transaction
from deltalake.exceptions import DeltaError, TableNotFoundError

from slotwise.errors import LakeError
from slotwise.lake.reasons import reason_of
from slotwise.lake.store import Lake
from slotwise.lake.writer import EPOCH


def derived_address(lake: Lake, table: str) -> str:
    """Give the address of a table that is none of the tables of events."""
    return f"{lake.address}/{table}"


def told_time(lake: Lake, table: str, app_id: str) -> datetime | None:
    """Read a time a table tells under an application id; None where there is none, or no table."""
    try:
        told = DeltaTable(derived_address(lake, table)).transaction_version(app_id)
    except TableNotFoundError:
        return None
    except (DeltaError, OSError) as error:
        raise LakeError(f"lake {lake.address!r} cannot be read: {reason_of(error)}") from error
    return None if told is None else EPOCH + timedelta(microseconds=told)


def telling_time(app_id: str, at: datetime) -> Transaction:
    """Make what tells a time, for the commit that makes it true."""
    return Transaction(app_id, (at - EPOCH) // timedelta(microseconds=1))
