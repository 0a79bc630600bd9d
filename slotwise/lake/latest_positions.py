"""The keep: the latest state of every holding as of a while ago, so that the book needs few rows.

It is a table made of `position_updates` alone and can be made again at any time; without it every
row that ever landed is read. What landed after the keep is added when it is read.

How far it goes is the number of a landing, not a time: a landing that began before the keep was
made, and was held up for an hour, has a higher number.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from slotwise.errors import LakeError
from slotwise.lake.derived_tables import (
    derived_address,
    latest_of,
    newest_in,
    newest_landing,
    open_derived,
    reach_transactions,
    read_reach,
)
from slotwise.lake.error_text import reason_of
from slotwise.lake.newest import Reach, after, newest_rows, upto, usable
from slotwise.lake.query_parts import column_list
from slotwise.lake.sql import ask_arrow
from slotwise.lake.store import PROPERTIES, Lake
from slotwise.rules.landing import POSITIONS

#: Columns of `position_updates` that make a contract, and those of a position.
CONTRACT = (
    "con_id", "symbol", "sec_type", "local_symbol", "expiry", "strike", "right", "multiplier",
    "multiplier_exact", "price_magnifier", "currency", "exchange",
)  # fmt: skip
COLUMNS = ("account", "quantity", "avg_cost", "observed_at", "sequence", *CONTRACT)
#: Columns that say when a row landed.
LANDED = ("landed_at", "landing")
#: A closed holding stays in the table for this long, so that older news of it which lands late is
#: known for what it is.
CLOSED_KEPT_FOR = timedelta(days=1)

#: Name of the table; it is none of the tables of events.
KEEP = "position_book"
#: The application id of the landing up to which rows are in the keep, and of its time. Its number
#: grows with each change of `COLUMNS`: a keep with other columns is made again.
KEPT_UPTO = "slotwise-book-landing-2"
#: The keep is replaced as a whole, unlike the tables of events.
KEEP_PROPERTIES = {**PROPERTIES, "delta.appendOnly": "false"}
#: Versions of the keep after which those that are not read any more are deleted.
KEEP_CLEANED_EACH = 24


def keep_book(lake: Lake, now: datetime) -> bool:
    """Bring the keep up to the newest landing; False where there is nothing new.

    `now` is only written into the commit, for people. Raises LakeError.
    """
    kept, landing = kept_upto(lake), newest_landing(lake)
    if landing == 0 or (kept is not None and landing <= kept.landing):
        return False
    rows = latest(lake, kept, landing, "true")
    before = [kept.landed_at] if kept is not None else []
    reach = Reach(landing, latest_of([*before, newest_in(rows.column("landed_at"))]))
    try:
        there = open_derived(lake, KEEP)
        with lake.writing(KEEP) as write:
            write_deltalake(
                there or derived_address(lake, KEEP),
                rows,
                mode="overwrite" if there else "error",
                # The keep of an older version has fewer columns.
                schema_mode="overwrite" if there else None,
                configuration=None if there else KEEP_PROPERTIES,
                commit_properties=write.properties(
                    reach_transactions(KEPT_UPTO, reach), made_at=now.isoformat()
                ),
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


def kept_upto(lake: Lake) -> Reach | None:
    """Return how far the keep has all rows; None where there is no keep yet."""
    return read_reach(lake, KEEP, KEPT_UPTO)


def latest(lake: Lake, since: Reach | None, until: int | None, where: str) -> pa.Table:
    """Read the newest row of each holding from the keep, and from what landed after it.

    `until` is the last landing that counts; None for all.
    """
    names = (*COLUMNS, *LANDED)
    columns = column_list(names)
    limits = [where, usable(), after(since), upto(until)]
    rows = f"SELECT {columns} FROM {POSITIONS} WHERE {' AND '.join(limits)}"
    tables = [POSITIONS]
    if since is not None:
        rows += f" UNION ALL SELECT {columns} FROM {KEEP} WHERE {where}"
        tables.append(KEEP)
    return ask_arrow(
        lake,
        f"""
        SELECT {columns} FROM (
            SELECT {columns}, max(landed_at) OVER () AS newest FROM ({newest_rows(rows, names)})
        ) WHERE quantity <> 0 OR landed_at >= newest - INTERVAL '{CLOSED_KEPT_FOR.days} day'
        """,
        *tables,
    )
