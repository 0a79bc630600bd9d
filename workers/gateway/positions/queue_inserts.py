"""Insertions: holdings that are to be polled, on their way to the queue.

While the lake is away each poll would ask for the same holdings again. So when much waits to
land, a holding whose last insertion has not landed is not inserted again: it waits once. What has
changed is inserted always: the insertion under way may have been answered with what was before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from slotwise.contract import PositionKey
from slotwise.rules.landing import Head, Inserted
from slotwise.rules.position_queue import NewItem

#: Items in one entry of the landing stream: some 30 kilobytes.
CHUNK = 500
#: Entries that have not landed, from which on holdings are held back: polls of 20,000 contracts
#: leave 40 each, and two or three of them are under way when all is well.
MUCH = 300


class Keeper(Protocol):
    """Keep entries until they land; `spool_sender.SpoolSender` does."""

    @property
    def landed(self) -> int: ...
    def keep(self, head: Head, rows: pa.RecordBatch | None = None) -> int: ...


class Insertions:
    """Insert each holding once at a time. Used by one thread."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self._under_way: dict[PositionKey, int] = {}
        self._newest = 0

    def insert(self, items: Sequence[NewItem], at: datetime, *, changed: bool = False) -> None:
        """Send what is not under way already; all of it, where the holdings have changed."""
        landed = self.keeper.landed
        self._under_way = {k: ticket for k, ticket in self._under_way.items() if ticket > landed}
        if changed or self._newest - landed < MUCH:
            fresh = list(items)
        else:
            fresh = [i for i in items if (i.account, i.con_id) not in self._under_way]
        for start in range(0, len(fresh), CHUNK):
            chunk = fresh[start : start + CHUNK]
            ticket = self.keeper.keep(Inserted(tuple(chunk), at))
            self._newest = ticket
            self._under_way.update(((item.account, item.con_id), ticket) for item in chunk)
