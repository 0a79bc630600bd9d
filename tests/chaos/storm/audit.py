"""What the lake holds in the end, read by DuckDB, held against the simulator's own word."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from deltalake import DeltaTable

from tests.chaos.storm.outsider import Held
from tests.support.independent_reader import arrow_schema

#: Columns that say when a row landed: two landings of one row differ in them.
LANDED = ("landed_at", "date")
#: Digits of the average costs that the simulator sends.
COST_STEP = Decimal("0.0001")


class Found(msgspec.Struct, frozen=True):
    """Hold what the audit counted, and each promise that did not hold."""

    items: int
    succeeded: int
    closed: int
    failed: int
    rows: dict[str, int]
    commits: int
    broken: list[str]


class Reader:
    """Ask DuckDB about the files that the tables' logs name."""

    def __init__(self, lake: Path) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET threads = 1")
        self.columns: dict[str, list[str]] = {}
        self.commits = 0
        for log in sorted(lake.glob("*/_delta_log")):
            delta = DeltaTable(str(log.parent))
            name = log.parent.name
            self.commits += delta.version()
            self.columns[name] = [field.name for field in delta.schema().fields]
            if uris := delta.file_uris():
                listed = ", ".join(f"'{uri}'" for uri in uris)
                rows = f"read_parquet([{listed}], hive_partitioning=true, union_by_name=true)"
                self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {rows}")
            else:
                self._connection.register(name, arrow_schema(delta).empty_table())

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        return self._connection.execute(query).fetchall()

    def close(self) -> None:
        """Give the tables up."""
        self._connection.close()


_ORDER = "(coalesce(sequence, 0), observed_at, landed_at)"
_NEWEST = (
    "SELECT item_id, arg_max(state, revision) AS state, arg_max(error, revision) AS error,"
    " arg_max(batch_id, revision) AS batch FROM position_queue GROUP BY item_id"
)
#: Name of a promise -> the rows that break it.
_QUEUE = {
    "items ended more than once": (
        "SELECT item_id FROM position_queue WHERE state = 'succeeded'"
        " GROUP BY item_id HAVING count(*) > 1"
    ),
    "revisions of an item told twice": (
        "SELECT item_id, revision FROM position_queue GROUP BY ALL HAVING count(*) > 1"
    ),
    "items with more than one row": (
        "SELECT item_id FROM position_updates WHERE item_id IS NOT NULL"
        " GROUP BY item_id HAVING count(*) > 1"
    ),
    "succeeded items without a row": (
        f"SELECT item_id FROM ({_NEWEST}) WHERE state = 'succeeded'"
        " AND item_id NOT IN (SELECT item_id FROM position_updates WHERE item_id IS NOT NULL)"
    ),
    "rows of items that did not succeed": (
        "SELECT item_id FROM position_updates WHERE item_id IS NOT NULL"
        f" AND item_id NOT IN (SELECT item_id FROM ({_NEWEST}) WHERE state = 'succeeded')"
    ),
    "failed items without a reason": (
        f"SELECT item_id FROM ({_NEWEST}) WHERE state = 'failed' AND coalesce(error, '') = ''"
    ),
}


def pending(lake: Path) -> int:
    """Count the items that have not ended."""
    reader = Reader(lake)
    try:
        [(count,)] = reader.ask(
            f"SELECT count(*) FROM ({_NEWEST}) WHERE state NOT IN ('succeeded', 'failed', 'closed')"
        )
        return int(count)
    finally:
        reader.close()


def differences(lake: Path, held: list[Held]) -> list[str]:
    """Name the holdings whose newest row in the lake is not what the simulator says."""
    reader = Reader(lake)
    try:
        rows = reader.ask(
            # The order of observations is their `sequence`: clocks were stepped.
            f"SELECT account, con_id, arg_max(quantity, {_ORDER}), arg_max(avg_cost, {_ORDER})"
            " FROM position_updates GROUP BY ALL"
        )
    finally:
        reader.close()
    book = {(account, con_id): (q, _cost(c)) for account, con_id, q, c in rows if q}
    broker = {(h.account, h.con_id): (h.quantity, _cost(h.avg_cost)) for h in held if h.quantity}
    return [
        f"{key}: lake {book.get(key)}, simulator {broker.get(key)}"
        for key in sorted(book.keys() | broker.keys())
        if book.get(key) != broker.get(key)
    ]


def audit(lake: Path) -> Found:
    """Count everything and find what must not be."""
    reader = Reader(lake)
    try:
        broken = []
        for promise, query in _QUEUE.items():
            if rows := reader.ask(query):
                broken.append(f"{len(rows)} {promise}, such as {rows[0]}")
        for table, columns in reader.columns.items():
            quoted = ", ".join(f'"{name}"' for name in columns if name not in LANDED)
            twice = reader.ask(
                f"SELECT count(*), {quoted} FROM {table} GROUP BY ALL HAVING count(*) > 1"
            )
            if twice:
                broken.append(f"{len(twice)} rows of {table} are there twice, such as {twice[0]}")
        states = dict(reader.ask(f"SELECT state, count(*) FROM ({_NEWEST}) GROUP BY state"))
        counted = {
            name: reader.ask(f"SELECT count(*) FROM {name}")[0][0] for name in reader.columns
        }
        return Found(
            items=sum(states.values()),
            succeeded=states.get("succeeded", 0),
            closed=states.get("closed", 0),
            failed=states.get("failed", 0),
            rows=counted,
            commits=reader.commits,
            broken=broken,
        )
    finally:
        reader.close()


def _cost(cost: Decimal | None) -> Decimal | None:
    return None if cost is None else cost.quantize(COST_STEP)
