"""The past: what was held at a moment, as it was known at a moment.

Two clocks. `observed_at` is when the broker said so: what we held. `landed_at` is when the lake
knew: what we knew. A correction that lands late changes what we held, and not what we knew before
it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from slotwise.errors import InputError
from slotwise.lake.position_checkpoints import NO_NUMBER, NOTHING, checkpoint_before, newest
from slotwise.lake.query_parts import quoted, timestamp
from slotwise.lake.schemas import FINE, POSITION_UPDATES
from slotwise.lake.sql import OpenTables
from slotwise.lake.store import Lake
from slotwise.rules.landing import POSITIONS

#: Columns of an answer; those of `position_updates` but for how the row came about, and with one
#: multiplier: the exact one, the narrow one in rows of older versions.
COLUMNS = tuple(
    name
    for name in POSITION_UPDATES.schema.names
    if name not in ("batch_id", "item_id", "date", "multiplier_exact")
)
SCHEMA = pa.schema(
    [
        field.with_type(FINE) if field.name == "multiplier" else field
        for field in POSITION_UPDATES.schema
        if field.name in COLUMNS
    ]
)
#: What distinguishes holdings.
HOLDING = ("account", "con_id")
#: Rows are fetched by stretches of time: at most this many, each a condition of the query.
STRETCHES = 12


def positions_as_of(
    lake: Lake | str,
    at: datetime,
    known_at: datetime | None = None,
    account: str | None = None,
) -> pa.Table:
    """Return what was held at `at`, as known at `known_at`: by now, unless a time is named.

    One row a holding, as it was observed last by then, sorted by account and contract id; closed
    holdings are left out. `account` names an account with its models. Columns are `COLUMNS`.
    Raises InputError for a time without a zone, and LakeError.
    """
    for time in (at, known_at):
        if time is not None and time.tzinfo is None:
            raise InputError(f"time {time.isoformat()} has no zone: say which, such as +00:00")
    lake = Lake(lake) if isinstance(lake, str) else lake
    known = None if known_at is None else known_at.astimezone(UTC)
    tables = OpenTables(lake)
    pointers = _pointers(lake, tables, at.astimezone(UTC), known, account)
    held = pointers.filter(pc.field("quantity") != NOTHING)
    return _rows(tables, held)


def _pointers(
    lake: Lake, tables: OpenTables, at: datetime, known: datetime | None, account: str | None
) -> pa.Table:
    checkpoint = checkpoint_before(lake, at, known, tables)
    where = "true"
    if account is not None:
        where = f"(account = {quoted(account)} OR account LIKE {quoted(f'{account}/%')})"
    return newest(tables, checkpoint, at, known, where)


def _rows(tables: OpenTables, pointers: pa.Table) -> pa.Table:
    """Fetch the rows that pointers point at."""
    numbers = ("sequence", "landing")
    read = {"multiplier": "coalesce(multiplier_exact, multiplier) AS multiplier"}
    columns = ", ".join(read.get(n, f'"{n}"') for n in COLUMNS if n not in numbers)
    columns += "".join(f", coalesce({name}, {NO_NUMBER}) AS {name}" for name in numbers)
    when = [f"({_between('observed_at', one)})" for one in _stretches(pointers, "observed_at")]
    landed = [f"({_between('landed_at', one)})" for one in _stretches(pointers, "landed_at")]
    limits = f"({' OR '.join(when)}) AND ({' OR '.join(landed)})" if when else "false"
    sql = f"SELECT {columns} FROM {POSITIONS} WHERE {limits}"
    found = tables.ask(sql, POSITIONS).select(list(COLUMNS)).cast(SCHEMA)
    keys = [*HOLDING, "observed_at", "landed_at", *numbers]
    # Two rows of a holding that agree in all of these say the same; one is enough.
    joined = found.join(pointers.select(keys), keys, join_type="left semi").select(list(COLUMNS))
    rows = _once(joined.sort_by([(name, "ascending") for name in HOLDING]))
    for name in numbers:
        numbered = rows.column(name).combine_chunks()
        none = pc.equal(numbered, pa.scalar(NO_NUMBER, pa.int64()))
        plain: Any = pc.if_else(none, pa.scalar(None, pa.int64()), numbered)
        rows = rows.set_column(COLUMNS.index(name), SCHEMA.field(name), plain)
    return rows


def _once(rows: pa.Table) -> pa.Table:
    """Return one row of each holding, in the order of the rows."""
    places = rows.append_column("place", pa.array(range(rows.num_rows), pa.int64()))
    first = places.group_by(list(HOLDING), use_threads=False).aggregate([("place", "min")])
    return rows.take(first.column("place_min").sort())


def _stretches(pointers: pa.Table, column: str) -> list[tuple[datetime, datetime]]:
    """Cover the times of a column by few stretches: split where the gaps are widest."""
    times: list[Any] = pc.unique(pointers.column(column)).sort().to_pylist()
    gaps = sorted(range(1, len(times)), key=lambda place: times[place] - times[place - 1])
    cuts = [0, *sorted(gaps[-(STRETCHES - 1) :]), len(times)]
    return [(times[first], times[after - 1]) for first, after in pairwise(cuts) if after > first]


def _between(column: str, stretch: Sequence[datetime]) -> str:
    return f"{column} >= {timestamp(stretch[0])} AND {column} <= {timestamp(stretch[1])}"
