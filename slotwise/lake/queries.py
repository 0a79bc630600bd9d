"""Questions to the lake, each a read of Delta tables and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from slotwise.contract import PositionKey
from slotwise.errors import LakeError
from slotwise.lake.reasons import reason_of
from slotwise.lake.set_aside import AsideRow
from slotwise.lake.store import Lake
from slotwise.position_queue import QueueRow
from slotwise.reconciliation.report import Break
from slotwise.reconciliation.silence import Silence
from slotwise.registry import RegistryRow


def ask(lake: Lake, sql: str, *tables: str) -> list[dict[str, Any]]:
    """Run SQL over tables, each under its own name; raises LakeError as `ask_arrow` does."""
    rows: list[dict[str, Any]] = ask_arrow(lake, sql, *tables).to_pylist()
    return rows


def ask_arrow(lake: Lake, sql: str, *tables: str) -> pa.Table:
    """Run SQL over tables, each under its own name.

    Raises LakeError when a table cannot be read.
    """
    try:
        builder = QueryBuilder()
        for name in tables:
            builder = builder.register(name, DeltaTable(f"{lake.address}/{name}"))
        return pa.table(builder.execute(sql).read_all())
    except (DeltaError, OSError) as error:
        raise LakeError(f"lake {lake.address!r} cannot be read: {reason_of(error)}") from error


def quoted(text: str) -> str:
    """Write a text into SQL."""
    return "'" + text.replace("'", "''") + "'"


def unfinished_items(lake: Lake, since: datetime | None = None) -> list[QueueRow]:
    """Read the present state of every queue item that has not ended.

    `since` spares reading rows that landed before: no item that has not ended has any there.
    """
    return _newest_rows(lake, "('waiting', 'leased')", since)


def failed_items(lake: Lake) -> list[QueueRow]:
    """Read every queue item that has failed for good and was not put back, the newest first."""
    rows = _newest_rows(lake, "('failed')")
    return sorted(rows, key=lambda row: (row.ended_at or row.inserted_at, row.item_id))[::-1]


def _newest_rows(lake: Lake, states: str, since: datetime | None = None) -> list[QueueRow]:
    """Read the newest row of each item, of those that stand in one of the states.

    What has succeeded is over, whatever comes after.
    """
    late = "true" if since is None else f"landed_at >= TIMESTAMP '{since.isoformat()}'"
    if since is not None:
        # Whole days are left out by their folders, the rest by statistics of each file.
        late += f" AND date >= DATE '{since.date()}'"
    columns = ", ".join(f'q."{name}"' for name in QueueRow.__struct_fields__)
    rows = ask(
        lake,
        f"""
        WITH ended AS (
            SELECT DISTINCT item_id FROM position_queue WHERE state = 'succeeded' AND {late}
        ), newest AS (
            SELECT item_id, max(revision) AS revision FROM position_queue
            WHERE {late} AND item_id NOT IN (SELECT item_id FROM ended) GROUP BY item_id
        )
        SELECT {columns} FROM position_queue q
        JOIN newest n ON q.item_id = n.item_id AND q.revision = n.revision
        WHERE q.state IN {states} AND {late}
        """,
        "position_queue",
    )
    return msgspec.convert(rows, list[QueueRow])


def entries_set_aside(lake: Lake) -> list[AsideRow]:
    """Read the entries that could not land and were not put back, the oldest first."""
    rows = ask(
        lake,
        """
        SELECT entry, event, reason, head, rows FROM set_aside WHERE event = 'set_aside'
            AND entry NOT IN (SELECT entry FROM set_aside WHERE event = 'put_back')
        ORDER BY entry
        """,
        "set_aside",
    )
    return msgspec.convert(rows, list[AsideRow])


def landed_items(lake: Lake, item_ids: Sequence[str], since: datetime) -> dict[str, list[str]]:
    """Find which of these queue items have a row landed since a time, by their batch."""
    wanted = set(item_ids)
    rows = ask(
        lake,
        "SELECT item_id, batch_id FROM position_updates WHERE item_id IS NOT NULL"
        f" AND landed_at >= TIMESTAMP '{since.isoformat()}'",
        "position_updates",
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["item_id"] in wanted:
            found.setdefault(row["batch_id"], []).append(row["item_id"])
    return found


def registry_rows(lake: Lake) -> list[RegistryRow]:
    """Read every change of the strategy registry, oldest first."""
    rows = ask(
        lake,
        "SELECT event_id, event, strategy, con_id, priority, at FROM strategy_registry"
        " ORDER BY at, landed_at, event_id, con_id",
        "strategy_registry",
    )
    return msgspec.convert(rows, list[RegistryRow])


class QueueTotals(msgspec.Struct, frozen=True):
    """Count queue items by where they stand, from the lake alone."""

    inserted: int
    succeeded: int
    failed: int
    pending: int


def queue_totals(lake: Lake) -> QueueTotals:
    """Count every queue item ever committed."""
    [row] = ask(
        lake,
        """
        SELECT count(*) AS inserted,
            coalesce(sum(CASE WHEN stands = 2 THEN 1 ELSE 0 END), 0) AS succeeded,
            coalesce(sum(CASE WHEN stands % 2 = 1 THEN 1 ELSE 0 END), 0) AS failed
        FROM (
            -- 2 for what has succeeded; else the newest revision decides, doubled, and odd where
            -- the item has failed there.
            SELECT CASE WHEN max(CASE state WHEN 'succeeded' THEN 1 ELSE 0 END) = 1 THEN 2
                ELSE 4 + max(revision * 2 + CASE state WHEN 'failed' THEN 1 ELSE 0 END)
                END AS stands
            FROM position_queue GROUP BY item_id
        )
        """,
        "position_queue",
    )
    inserted, succeeded, failed = row["inserted"], row["succeeded"], row["failed"]
    return QueueTotals(inserted, succeeded, failed, inserted - succeeded - failed)


class LandingTotals(msgspec.Struct, frozen=True):
    """Count what has landed in `position_updates`.

    `holdings` are those with at least one polled row; `wrong_items` counts the succeeded queue
    items whose number of rows is not one.
    """

    rows: int
    commits: int
    holdings: frozenset[PositionKey]
    wrong_items: int


def landing_totals(lake: Lake) -> LandingTotals:
    """Count rows and commits, and check that every succeeded queue item has exactly one row."""
    [count] = ask(lake, "SELECT count(*) AS rows FROM position_updates", "position_updates")
    holdings = ask(
        lake,
        "SELECT DISTINCT account, con_id FROM position_updates WHERE source = 'batch'",
        "position_updates",
    )
    # The queue is opened first: its rows are committed last.
    [wrong] = ask(
        lake,
        """
        SELECT count(*) AS items FROM (
            SELECT DISTINCT item_id FROM position_queue WHERE state = 'succeeded'
        ) ended LEFT JOIN (
            SELECT item_id, count(*) AS rows FROM position_updates
            WHERE item_id IS NOT NULL GROUP BY item_id
        ) landed ON ended.item_id = landed.item_id
        WHERE coalesce(landed.rows, 0) <> 1
        """,
        "position_queue",
        "position_updates",
    )
    return LandingTotals(
        rows=count["rows"],
        commits=commits(lake, "position_updates"),
        holdings=frozenset((row["account"], row["con_id"]) for row in holdings),
        wrong_items=wrong["items"],
    )


def commits(lake: Lake, table: str) -> int:
    """Count the commits to a table since it was made; raises LakeError."""
    return lake.open(table).version()


class ReportLine(msgspec.Struct, frozen=True):
    """Hold the head of one reconciliation report."""

    report_id: str
    status: str
    matched: int
    breaks: int
    completed_at: datetime


def last_report(lake: Lake) -> ReportLine | None:
    """Read the newest reconciliation; None before the first."""
    rows = ask(
        lake,
        "SELECT report_id, status, matched, breaks, completed_at FROM reconciliations"
        " ORDER BY completed_at DESC LIMIT 1",
        "reconciliations",
    )
    return msgspec.convert(rows[0], ReportLine) if rows else None


def silence_rows(lake: Lake) -> list[Silence]:
    """Read every silence that may not have ended, lifted or not; none where nobody made one."""
    if not DeltaTable.is_deltatable(lake.uri("silences")):
        return []
    columns = ", ".join(f'"{name}"' for name in Silence.__struct_fields__)
    return msgspec.convert(
        ask(lake, f"SELECT {columns} FROM silences ORDER BY at", "silences"), list[Silence]
    )


#: Columns of `breaks` that a break has.
_BREAK = ", ".join(f'"{name}"' for name in Break.__struct_fields__)


def open_breaks(lake: Lake) -> list[Break]:
    """Read the breaks that no report has found healed, each as the newest report tells of it."""
    return msgspec.convert(
        ask(
            lake,
            f"""
            SELECT {_BREAK} FROM (
                SELECT {_BREAK}, row_number() OVER (
                    PARTITION BY life_id ORDER BY found_at DESC, runs DESC
                ) AS place
                FROM breaks WHERE life_id IS NOT NULL
            ) WHERE place = 1 AND state <> 'healed'
            """,
            "breaks",
        ),
        list[Break],
    )
