"""Position checkpoints: the newest row of each holding at a time, to find the past quickly.

Table `position_marks` is made of `position_updates` alone and can be made again at any time. A
checkpoint names, for one landing, which row of each holding was the newest among all that had
landed with it or before. A question about a moment begins with the newest checkpoint that has
nothing later, and reads only what landed after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
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
    reach_of,
    reach_transactions,
    read_reach,
)
from slotwise.lake.error_text import delta_errors, reason_of
from slotwise.lake.newest import Reach, after, newest_rows, upto, usable
from slotwise.lake.query_parts import timestamp
from slotwise.lake.schemas import QUANTITY, TIME
from slotwise.lake.sql import OpenTables, ask_arrow
from slotwise.lake.store import PROPERTIES, Lake
from slotwise.rules.landing import POSITIONS

#: Name of the table; it is none of the tables of events.
CHECKPOINTS = "position_marks"
#: The application id of the landing of the newest checkpoint, and of its time.
CHECKPOINTED_UPTO = "slotwise-marked-landing"
#: A checkpoint is found by its landing and its time alone, and each opening reads all statistics.
CHECKPOINTS_PROPERTIES = {**PROPERTIES, "delta.dataSkippingStatsColumns": "upto_landing,upto"}
#: Time between two checkpoints: what is polled of 10,000 contracts in it, 200,000 rows, is
#: looked through in less than a tenth of a second.
CHECKPOINTS_EACH = timedelta(minutes=10)
#: A closed holding is in them for this long, so that older news of it that lands late does
#: not open it again.
CLOSED_KEPT_FOR = timedelta(days=7)
#: A gateway's clock may be behind the lake worker's by this much.
OBSERVED_AHEAD = timedelta(hours=1)
#: The newest one is looked for so far back, and if there is none so far: a long week-end.
LOOKED_BACK = (timedelta(hours=2), timedelta(days=5))
#: Checkpoints after which the log is cut and the files of days that are over are joined: a day's.
CLEANED_EACH = 144

#: What identifies a row, and whether the holding is closed. `sequence` and `landing` are
#: NO_NUMBER where the row has none, so that they can be compared.
POINTERS = pa.schema(
    (
        ("account", pa.string()),
        ("con_id", pa.int64()),
        ("quantity", QUANTITY),
        ("observed_at", TIME),
        ("landed_at", TIME),
        ("sequence", pa.int64()),
        ("landing", pa.int64()),
    )
)
NO_NUMBER = -1
SCHEMA = pa.schema([*POINTERS, ("upto_landing", pa.int64()), ("upto", TIME), ("date", pa.date32())])
#: The quantity of a closed holding.
NOTHING = pa.scalar(Decimal(0), QUANTITY)


class PositionCheckpoint(msgspec.Struct, frozen=True):
    """Name a checkpoint: all rows that landed within its reach; `upto` is when it was made."""

    reach: Reach
    upto: datetime


def make_position_checkpoint(lake: Lake, now: datetime) -> bool:
    """Make a checkpoint if it is time for one; False where it is not, or another process did.

    Raises LakeError.
    """
    # When it is needed: see `newest_in`.
    import pyarrow.compute as pc

    last, landing = read_reach(lake, CHECKPOINTS, CHECKPOINTED_UPTO), newest_landing(lake)
    made_at = None if last is None else _newest_time(lake)
    # A clock that was set back by more than a checkpoint's turn makes the next one at once.
    if made_at is not None and abs(now - made_at) < CHECKPOINTS_EACH:
        return False
    if landing == 0 or (last is not None and landing <= last.landing):
        return False
    start = None if last is None or made_at is None else PositionCheckpoint(last, made_at)
    rows = newest(OpenTables(lake), start, None, None, until=landing)
    if rows.num_rows == 0:
        return False
    before = [last.landed_at] if last is not None else []
    reach = Reach(landing, latest_of([*before, newest_in(rows.column("landed_at"))]))
    count = rows.num_rows
    pointers = pa.table(
        [
            *rows.columns,
            pa.array([landing] * count, pa.int64()),
            pa.array([now] * count, TIME),
            pa.array([now.date()] * count, pa.date32()),
        ],
        schema=SCHEMA,
    )
    closed_since = reach.landed_at - CLOSED_KEPT_FOR
    kept = (pc.field("quantity") != NOTHING) | (
        pc.field("landed_at") >= pa.scalar(closed_since, TIME)
    )
    try:
        there = open_derived(lake, CHECKPOINTS)
        if there and last is None:
            # Checkpoints of an older version are made again.
            there.alter.set_table_properties({"delta.appendOnly": "false"})
        with lake.writing(CHECKPOINTS) as write:
            write_deltalake(
                there or derived_address(lake, CHECKPOINTS),
                pointers.filter(kept),
                mode="append" if last else "overwrite" if there else "error",
                schema_mode="overwrite" if there and last is None else None,
                partition_by=None if last else ["date"],
                configuration=None if there else CHECKPOINTS_PROPERTIES,
                commit_properties=write.properties(reach_transactions(CHECKPOINTED_UPTO, reach)),
            )
        written = DeltaTable(derived_address(lake, CHECKPOINTS))
        if written.version() % CLEANED_EACH == 0:
            written.optimize.compact(partition_filters=[("date", "!=", now.date().isoformat())])
            written = DeltaTable(derived_address(lake, CHECKPOINTS))
            written.create_checkpoint()
            written.cleanup_metadata()
            written.vacuum(dry_run=False)
    except CommitFailedError:
        return False
    except (DeltaError, OSError) as error:
        raise LakeError(f"{CHECKPOINTS} cannot be written: {reason_of(error)}") from error
    return True


def checkpoint_before(
    lake: Lake, observed: datetime, landed: datetime | None, tables: OpenTables
) -> PositionCheckpoint | None:
    """Find the newest checkpoint that has nothing observed or landed later than these times.

    It opens the positions too, which then have all that the checkpoint has: callers need both.
    Raises LakeError.
    """
    tables.open(CHECKPOINTS, POSITIONS)
    made = tables.handle(CHECKPOINTS)
    with delta_errors(f"lake {lake.address!r} cannot be read"):
        if made is None or reach_of(made, CHECKPOINTED_UPTO) is None:
            return None
    until = observed + OBSERVED_AHEAD if landed is None else min(observed, landed) + OBSERVED_AHEAD
    found = (_newest_checkpoint(tables, observed, landed, until - b, until) for b in LOOKED_BACK)
    return next((one for one in found if one is not None), None)


def _newest_checkpoint(
    tables: OpenTables,
    observed: datetime,
    landed: datetime | None,
    since: datetime,
    until: datetime,
) -> PositionCheckpoint | None:
    known = "" if landed is None else f"AND max(landed_at) <= {timestamp(landed)}"
    rows = tables.ask(
        f"""
        SELECT upto_landing, upto, max(landed_at) AS landed_at FROM {CHECKPOINTS}
        WHERE upto <= {timestamp(until)} AND date <= DATE '{until.date()}'
            AND upto >= {timestamp(since)} AND date >= DATE '{since.date()}'
        GROUP BY upto_landing, upto
        HAVING max(observed_at) <= {timestamp(observed)} {known}
        ORDER BY upto_landing DESC LIMIT 1
        """,
        CHECKPOINTS,
    ).to_pylist()
    if not rows:
        return None
    [row] = rows
    return PositionCheckpoint(Reach(row["upto_landing"], row["landed_at"]), row["upto"])


def _newest_time(lake: Lake) -> datetime | None:
    """Return when the newest checkpoint was made."""
    newest_time = f"SELECT last_value(upto ORDER BY upto_landing) AS upto FROM {CHECKPOINTS}"
    [row] = ask_arrow(lake, newest_time, CHECKPOINTS).to_pylist()
    found: datetime | None = row["upto"]
    return found


def newest(
    tables: OpenTables,
    since: PositionCheckpoint | None,
    observed: datetime | None,
    landed: datetime | None,
    where: str = "true",
    until: int | None = None,
) -> pa.Table:
    """Return where the newest row of each holding is: a checkpoint, and what landed after it.

    Only rows observed and landed by those times, and with the landing `until` or before, are looked
    at; None is no bound. Columns are `POINTERS`. Raises LakeError.
    """
    limits = [where, usable(), after(None if since is None else since.reach), upto(until)]
    if observed is not None:
        limits.append(f"observed_at <= {timestamp(observed)}")
    if landed is not None:
        limits += [f"date <= DATE '{landed.date()}'", f"landed_at <= {timestamp(landed)}"]
    columns = ", ".join(POINTERS.names)
    rows = f"SELECT {columns} FROM {POSITIONS} WHERE {' AND '.join(limits)}"
    asked = [POSITIONS]
    if since is not None:
        numbers = ", ".join(
            f"nullif({name}, {NO_NUMBER}) AS {name}" if name in ("sequence", "landing") else name
            for name in POINTERS.names
        )
        rows += (
            f" UNION ALL SELECT {numbers} FROM {CHECKPOINTS} WHERE {where}"
            f" AND upto_landing = {since.reach.landing:d} AND date = DATE '{since.upto.date()}'"
        )
        asked.append(CHECKPOINTS)
    # By a window: ordered aggregates take three times as long.
    found = tables.ask(newest_rows(rows, POINTERS.names), *asked).select(POINTERS.names)
    for name in ("sequence", "landing"):
        place = found.column_names.index(name)
        column: Any = found.column(name)
        numbers_only: Any = column.fill_null(NO_NUMBER)
        found = found.set_column(place, name, numbers_only)
    # DataFusion answers with types that few functions of Arrow take.
    return found.cast(POINTERS)
