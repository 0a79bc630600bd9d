"""Marks: which row of each holding was the newest at a time, so that the past is found quickly.

Table `position_marks` is made of `position_updates` alone and can be made again at any time. A mark
says, for one moment of landing, which row of each holding had been observed last among all that had
landed by then. Who asks for a moment begins with the newest mark before it, and reads only what
landed after the mark.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from slotwise.errors import LakeError
from slotwise.lake.book_keep import KEEP_LAGS
from slotwise.lake.queries import ask_arrow
from slotwise.lake.reasons import reason_of
from slotwise.lake.schemas import QUANTITY, TIME
from slotwise.lake.store import PROPERTIES, Lake
from slotwise.lake.told import derived_address, telling_time, told_time
from slotwise.landing import POSITIONS

#: Name of the table; it is none of the tables of events.
MARKS = "position_marks"
#: The application id of the time of the newest mark, in microseconds.
MARKED_UPTO = "slotwise-marked-upto"
#: Time between two marks: what is polled of 10,000 contracts meanwhile, 200,000 rows, is looked
#: through in less than a tenth of a second.
MARKS_EACH = timedelta(minutes=10)
#: A closed holding is in the marks for this long, so that older news of it that lands late does
#: not open it again.
CLOSED_MARKED = timedelta(days=7)
#: A gateway's clock may be behind the lake worker's by so much.
OBSERVED_AHEAD = timedelta(hours=1)
#: The newest mark is looked for so far back, and if there is none so far: a long week-end.
LOOKED_BACK = (timedelta(hours=2), timedelta(days=5))
#: Marks after which the log is cut and the files of days that are over are joined: a day's.
CLEANED_EACH = 144

SCHEMA = pa.schema(
    (
        ("account", pa.string()),
        ("con_id", pa.int64()),
        ("quantity", QUANTITY),
        ("observed_at", TIME),
        ("landed_at", TIME),
        ("upto", TIME),
        ("date", pa.date32()),
    )
)
#: The quantity of a closed holding.
NOTHING = pa.scalar(Decimal(0), QUANTITY)
#: What tells which row is meant, and whether the holding is closed.
POINTERS = ("account", "con_id", "quantity", "observed_at", "landed_at")


class Mark(msgspec.Struct, frozen=True):
    """Name a mark: all rows landed by `upto`; the newest was observed at `observed_upto`."""

    upto: datetime
    observed_upto: datetime


def mark(lake: Lake, now: datetime) -> bool:
    """Make a mark if it is time for one; False where it is not, or somebody else did.

    Raises LakeError.
    """
    upto = now - KEEP_LAGS
    last = told_time(lake, MARKS, MARKED_UPTO)
    if last is not None and upto < last + MARKS_EACH:
        return False
    rows = newest(lake, last, None, upto)
    if rows.num_rows == 0:
        return False
    closed_since = upto - CLOSED_MARKED
    columns = [rows.column(name) for name in POINTERS]
    count = rows.num_rows
    marked = pa.table(
        [*columns, pa.array([upto] * count, TIME), pa.array([upto.date()] * count, pa.date32())],
        schema=SCHEMA,
    )
    kept = (pc.field("quantity") != NOTHING) | (
        pc.field("landed_at") >= pa.scalar(closed_since, TIME)
    )
    told = [telling_time(MARKED_UPTO, upto)]
    try:
        handle: DeltaTable | str = (
            DeltaTable(derived_address(lake, MARKS)) if last else derived_address(lake, MARKS)
        )
        write_deltalake(
            handle,
            marked.filter(kept),
            mode="append" if last else "error",
            partition_by=None if last else ["date"],
            configuration=None if last else PROPERTIES,
            commit_properties=CommitProperties(app_transactions=told),
        )
        written = DeltaTable(derived_address(lake, MARKS))
        if written.version() % CLEANED_EACH == 0:
            written.optimize.compact(partition_filters=[("date", "!=", upto.date().isoformat())])
            written = DeltaTable(derived_address(lake, MARKS))
            written.create_checkpoint()
            written.cleanup_metadata()
            written.vacuum(dry_run=False)
    except CommitFailedError:
        return False
    except (DeltaError, OSError) as error:
        raise LakeError(f"{MARKS} cannot be written: {reason_of(error)}") from error
    return True


def mark_before(lake: Lake, observed: datetime, landed: datetime | None) -> Mark | None:
    """Find the newest mark that knows nothing observed or landed later than these times."""
    if told_time(lake, MARKS, MARKED_UPTO) is None:
        return None
    until = observed + OBSERVED_AHEAD if landed is None else min(observed + OBSERVED_AHEAD, landed)
    found = (_newest_mark(lake, observed, until - back, until) for back in LOOKED_BACK)
    return next((one for one in found if one is not None), None)


def _newest_mark(lake: Lake, observed: datetime, since: datetime, until: datetime) -> Mark | None:
    rows = ask_arrow(
        lake,
        f"""
        SELECT upto, max(observed_at) AS observed_upto FROM {MARKS}
        WHERE upto <= {timestamp(until)} AND date <= DATE '{until.date()}'
            AND upto >= {timestamp(since)} AND date >= DATE '{since.date()}'
        GROUP BY upto HAVING max(observed_at) <= {timestamp(observed)}
        ORDER BY upto DESC LIMIT 1
        """,
        MARKS,
    ).to_pylist()
    return Mark(rows[0]["upto"], rows[0]["observed_upto"]) if rows else None


def newest(
    lake: Lake,
    since: datetime | None,
    observed: datetime | None,
    landed: datetime | None,
    where: str = "true",
) -> pa.Table:
    """Point at the newest row of each holding: the mark at `since`, and what landed after it.

    Of rows observed at one time the one that landed later counts. Only rows observed and landed by
    those times are looked at; None is no bound. Columns are `POINTERS`. Raises LakeError.
    """
    limits = [where]
    if since is not None:
        limits += [f"date >= DATE '{since.date()}'", f"landed_at > {timestamp(since)}"]
    if observed is not None:
        limits.append(f"observed_at <= {timestamp(observed)}")
    if landed is not None:
        limits += [f"date <= DATE '{landed.date()}'", f"landed_at <= {timestamp(landed)}"]
    columns = ", ".join(POINTERS)
    rows = f"SELECT {columns} FROM {POSITIONS} WHERE {' AND '.join(limits)}"
    tables = [POSITIONS]
    if since is not None:
        rows += (
            f" UNION ALL SELECT {columns} FROM {MARKS} WHERE {where}"
            f" AND upto = {timestamp(since)} AND date = DATE '{since.date()}'"
        )
        tables.append(MARKS)
    found = ask_arrow(
        lake,
        f"""
        SELECT account, con_id,
            last_value(quantity ORDER BY observed_at, landed_at) AS quantity,
            max(observed_at) AS observed_at,
            last_value(landed_at ORDER BY observed_at, landed_at) AS landed_at
        FROM ({rows}) GROUP BY account, con_id
        """,
        *tables,
    )
    # DataFusion answers with types that few functions of Arrow take.
    return found.select(list(POINTERS)).cast(pa.schema([SCHEMA.field(n) for n in POINTERS]))


def timestamp(at: datetime) -> str:
    """Write a time into SQL."""
    return f"TIMESTAMP '{at.isoformat()}'"
