"""Queue items: what waits to be polled, its batch's lease, what was tried; `position_queue` has the
rules."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from slotwise.contract import PositionKey

State: TypeAlias = Literal["waiting", "leased", "succeeded", "failed", "closed"]

#: Priority of a polled position. 1 is kept for what a person or a push asked for.
POLLED = 2
URGENT = 1

#: Contracts in one batch, at most: the user's figure.
BATCH_SIZE = 50


# Left out of garbage collection: it can be in no circle, and there are tens of thousands.
class NewItem(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Ask for one holding to be polled. The same `item_id` twice is one request."""

    item_id: str
    account: str
    con_id: int
    priority: int


class Batch(msgspec.Struct, frozen=True):
    """Lease items to one Celery task until `lease_until`."""

    batch_id: str
    leased_at: datetime
    lease_until: datetime
    items: tuple[NewItem, ...]


class Attempt(msgspec.Struct, frozen=True):
    """Who tried a batch, and when."""

    batch_id: str
    worker: str
    started_at: datetime
    ended_at: datetime


# Left out of garbage collection: it can be in no circle, and there are tens of thousands.
class QueueRow(msgspec.Struct, frozen=True, gc=False):
    """Record an item's state after a change: one row of table `position_queue`.

    The row with the highest `revision` is the item's present state.
    """

    item_id: str
    account: str
    con_id: int
    priority: int
    state: State
    revision: int
    attempt: int
    inserted_at: datetime
    batch_id: str | None = None
    leased_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str | None = None

    @property
    def key(self) -> PositionKey:
        return self.account, self.con_id
