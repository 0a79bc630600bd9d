"""The keep: the latest state of every holding as of a while ago, so that the book needs few rows.

It is a table made of `position_updates` alone and can be made again at any time; without it every
row that ever landed is read. What landed after the keep is added when it is read.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from slotwise.errors import LakeError
from slotwise.lake.queries import ask_arrow
from slotwise.lake.reasons import reason_of
from slotwise.lake.store import PROPERTIES, Lake
from slotwise.lake.told import derived_address, telling_time, told_time
from slotwise.landing import POSITIONS

#: Columns of `position_updates` that make a contract, and those of a position.
CONTRACT = (
    "con_id", "symbol", "sec_type", "local_symbol", "expiry", "strike", "right", "multiplier",
    "currency", "exchange",
)  # fmt: skip
COLUMNS = ("account", "quantity", "avg_cost", "observed_at", *CONTRACT)
#: A closed holding is told of for this long, so that older news of it which lands late is known
#: for what it is.
CLOSED_TOLD = timedelta(days=1)

#: Name of the table; it is none of the tables of events.
KEEP = "position_book"
#: The application id of the time up to which rows are in the keep, in microseconds.
KEPT_UPTO = "slotwise-book-upto"
#: The keep ends so long ago that no landing of that time can be under way: one that is fenced off
#: ends within seconds, and clocks differ by less.
KEEP_LAGS = timedelta(minutes=15)
#: The keep is replaced as a whole, unlike the tables of events.
KEEP_PROPERTIES = {**PROPERTIES, "delta.appendOnly": "false"}
#: Versions of the keep after which those that nobody reads any more are deleted.
KEEP_CLEANED_EACH = 24


def keep_book(lake: Lake, now: datetime) -> bool:
    """Bring the keep up to a while ago; False where somebody else does. Raises LakeError."""
    upto = now - KEEP_LAGS
    kept = kept_upto(lake)
    if kept is not None and upto <= kept:
        return False
    rows = latest(lake, kept, upto, "true")
    told = [telling_time(KEPT_UPTO, upto)]
    try:
        handle: DeltaTable | str = (
            DeltaTable(derived_address(lake, KEEP)) if kept else derived_address(lake, KEEP)
        )
        write_deltalake(
            handle,
            rows,
            mode="overwrite" if kept else "error",
            configuration=None if kept else KEEP_PROPERTIES,
            commit_properties=CommitProperties(app_transactions=told),
        )
        written = DeltaTable(derived_address(lake, KEEP))
        if written.version() % KEEP_CLEANED_EACH == 0:
            written.create_checkpoint()
            written.cleanup_metadata()
            written.vacuum(dry_run=False)
    except CommitFailedError:
        return False
    except (DeltaError, OSError) as error:
        raise LakeError(f"{KEEP} cannot be written: {reason_of(error)}") from error
    return True


def kept_upto(lake: Lake) -> datetime | None:
    """Tell up to when the keep has all rows; None where there is no keep yet."""
    return told_time(lake, KEEP, KEPT_UPTO)


def latest(lake: Lake, since: datetime | None, until: datetime | None, where: str) -> pa.Table:
    """Read the newest row of each holding from the keep, and from what landed after it."""
    columns = ", ".join(f'"{name}"' for name in (*COLUMNS, "landed_at"))
    landed = [where]
    if since is not None:
        # Whole days are left out by their folders, the rest by statistics of each file.
        landed += [f"date >= DATE '{since.date()}'", f"landed_at > {_time(since)}"]
    if until is not None:
        landed.append(f"landed_at <= {_time(until)}")
    rows = f"SELECT {columns} FROM {POSITIONS} WHERE {' AND '.join(landed)}"
    tables = [POSITIONS]
    if since is not None:
        rows += f" UNION ALL SELECT {columns} FROM {KEEP} WHERE {where}"
        tables.append(KEEP)
    return ask_arrow(
        lake,
        f"""
        SELECT {columns} FROM (
            SELECT {columns}, max(landed_at) OVER () AS newest, row_number() OVER (
                PARTITION BY account, con_id ORDER BY observed_at DESC, landed_at DESC
            ) AS place
            FROM ({rows})
        ) WHERE place = 1
            AND (quantity <> 0 OR landed_at >= newest - INTERVAL '{CLOSED_TOLD.days} day')
        """,
        *tables,
    )


def _time(at: datetime) -> str:
    return f"TIMESTAMP '{at.isoformat()}'"
