"""Queue items of one contract, as they stand: when it was queued, and what became of it."""

from __future__ import annotations

from datetime import date

from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import columns_for
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.queue_item import QueueRow
from slotwise.rules.landing import QUEUE

#: Items that are returned at most: what a person looks at.
MOST_ITEMS = 20
#: Rows that an item has at most: one for its insertion, its lease and its end, of each try.
MOST_ROWS = 15


def contract_items(lake: Lake, con_id: int, since: date) -> list[QueueRow]:
    """Read the present state of a contract's newest items of that day or later, newest first.

    Raises LakeError.
    """
    rows = ask(
        lake,
        f"""
        SELECT {columns_for(QueueRow)} FROM {QUEUE}
        WHERE con_id = {int(con_id)} AND date >= DATE '{since}' AND item_id IS NOT NULL
        ORDER BY inserted_at DESC, item_id, revision DESC LIMIT {MOST_ITEMS * MOST_ROWS}
        """,
        QUEUE,
    )
    found: dict[str, QueueRow] = {}
    for row in values_of(rows, QueueRow, QUEUE):
        found.setdefault(row.item_id, row)
    return list(found.values())[:MOST_ITEMS]
