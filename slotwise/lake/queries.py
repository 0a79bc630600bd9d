"""Questions to the lake about queue, landings and registry, each a read of tables alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from slotwise.contract import PositionKey
from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import quoted
from slotwise.lake.set_aside import AsideRow
from slotwise.lake.sql import ask, ask_arrow
from slotwise.lake.store import Lake
from slotwise.rules.position_queue import QueueRow
from slotwise.rules.registry_changes import RegistryRow

__all__ = [
    "LandingTotals",
    "QueueTotals",
    "ask",
    "ask_arrow",
    "commits",
    "entries_set_aside",
    "failed_items",
    "failed_since",
    "landed_items",
    "landing_totals",
    "numbered_registry_rows",
    "queue_totals",
    "quoted",
    "registry_rows",
    "unfinished_items",
]


def unfinished_items(lake: Lake, since: int = 0) -> list[QueueRow]:
    """Read the present state of every queue item that has not ended.

    `since` spares reading rows of earlier landings: no item that has not ended has any there.
    """
    return _newest_rows(lake, "('waiting', 'leased')", since)


def failed_items(lake: Lake) -> list[QueueRow]:
    """Read every queue item that has failed for good and was not put back, the newest first."""
    rows = _newest_rows(lake, "('failed')")
    return sorted(rows, key=lambda row: (row.ended_at or row.inserted_at, row.item_id))[::-1]


def failed_since(lake: Lake, day: date) -> int:
    """Count the queue items that failed for good on that day or later, and were not put back.

    Files without a failed row are left out by their statistics.
    """
    late = f"date >= DATE '{day}'"
    failed = ask(
        lake,
        "SELECT item_id, max(revision) AS revision FROM position_queue"
        f" WHERE state = 'failed' AND {late} AND item_id IS NOT NULL GROUP BY item_id",
        "position_queue",
    )
    if not failed:
        return 0
    items = ", ".join(quoted(row["item_id"]) for row in failed)
    newest = ask(
        lake,
        "SELECT item_id, max(revision) AS revision FROM position_queue"
        f" WHERE item_id IN ({items}) AND {late} GROUP BY item_id",
        "position_queue",
    )
    found = {row["item_id"]: row["revision"] for row in newest}
    return sum(found.get(row["item_id"]) == row["revision"] for row in failed)


def _newest_rows(lake: Lake, states: str, since: int = 0) -> list[QueueRow]:
    """Read the newest row of each item, of those that stand in one of the states.

    What has succeeded is over, whatever comes after.
    """
    # Files are left out by their statistics.
    late = f"landing >= {since:d}" if since else "true"
    columns = ", ".join(f'q."{name}"' for name in QueueRow.__struct_fields__)
    rows = ask(
        lake,
        f"""
        WITH ended AS (
            SELECT DISTINCT item_id FROM position_queue
            WHERE state = 'succeeded' AND item_id IS NOT NULL AND {late}
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
    return values_of(rows, QueueRow, "position_queue")


def entries_set_aside(lake: Lake) -> list[AsideRow]:
    """Read the entries that could not land and were not put back, the oldest first."""
    rows = ask(
        lake,
        """
        SELECT entry, event, reason, head, rows FROM set_aside WHERE event = 'set_aside'
            AND entry NOT IN (
                SELECT entry FROM set_aside WHERE event = 'put_back' AND entry IS NOT NULL
            )
        ORDER BY entry
        """,
        "set_aside",
    )
    return values_of(rows, AsideRow, "set_aside")


def landed_items(
    lake: Lake, item_ids: Sequence[str], since: int = 0, day: date | None = None
) -> dict[str, list[str]]:
    """Find which of these queue items have a row, by their batch.

    `since` and `day` spare reading rows of earlier landings and days.
    """
    wanted = set(item_ids)
    rows = ask(
        lake,
        "SELECT item_id, batch_id FROM position_updates WHERE item_id IS NOT NULL"
        + (f" AND landing >= {since:d}" if since else "")
        + ("" if day is None else f" AND date >= DATE '{day}'"),
        "position_updates",
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["item_id"] in wanted:
            found.setdefault(row["batch_id"], []).append(row["item_id"])
    return found


def registry_rows(lake: Lake) -> list[RegistryRow]:
    """Read every change of the strategy registry, in the order in which they were committed."""
    return numbered_registry_rows(lake)[0]


def numbered_registry_rows(lake: Lake) -> tuple[list[RegistryRow], int]:
    """Read every change in the order in which they were committed, and the newest one's number.

    Changes by older versions have no number and come first, by their clocks.
    """
    rows = ask(
        lake,
        "SELECT event_id, event, strategy, con_id, priority, at, quantity, landing"
        " FROM strategy_registry"
        " ORDER BY coalesce(landing, 0), at, landed_at, event_id, con_id",
        "strategy_registry",
    )
    number = (rows[-1]["landing"] or 0) if rows else 0
    return values_of(rows, RegistryRow, "strategy_registry"), number


class QueueTotals(msgspec.Struct, frozen=True):
    """Count queue items by where they stand, from the lake alone."""

    inserted: int
    succeeded: int
    failed: int
    pending: int
    #: Ended without a row of their own, because their holding was closed.
    closed: int = 0


def queue_totals(lake: Lake) -> QueueTotals:
    """Count every queue item ever committed."""
    [row] = ask(
        lake,
        """
        SELECT count(*) AS inserted,
            coalesce(sum(CASE WHEN stands = 2 THEN 1 ELSE 0 END), 0) AS succeeded,
            coalesce(sum(CASE WHEN stands % 4 = 1 THEN 1 ELSE 0 END), 0) AS failed,
            coalesce(sum(CASE WHEN stands % 4 = 3 THEN 1 ELSE 0 END), 0) AS closed
        FROM (
            -- 2 for what has succeeded; else the newest revision decides, four times, and 1 or 3
            -- more where the item has failed or was closed there.
            SELECT CASE WHEN max(CASE state WHEN 'succeeded' THEN 1 ELSE 0 END) = 1 THEN 2
                ELSE 4 + max(
                    revision * 4 + CASE state WHEN 'failed' THEN 1 WHEN 'closed' THEN 3 ELSE 0 END
                ) END AS stands
            FROM position_queue GROUP BY item_id
        )
        """,
        "position_queue",
    )
    inserted, succeeded, failed = row["inserted"], row["succeeded"], row["failed"]
    ended = succeeded + failed + row["closed"]
    return QueueTotals(inserted, succeeded, failed, inserted - ended, row["closed"])


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
    return lake.open_without_files(table).version()
