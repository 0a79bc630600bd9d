"""PositionQueue: what waits to be polled, what is leased to a batch, what was tried.

    waiting --lease--> leased --success-----------------------> succeeded
                       leased --failure or lease ran out------> waiting   (attempts left)
                       leased --failure or lease ran out------> failed    (none left)
                       leased --nothing was tried-------------> waiting   (no attempt is counted)
    waiting --success (a result that came after its lease)----> succeeded
    waiting, leased --its holding is closed-------------------> closed
    failed  --put back by hand--------------------------------> waiting

Rules:
* A holding (account and contract) is in the queue at most once; inserting it again only raises
  its priority.
* `succeeded`, `failed` and `closed` are final: a second result for a final item is not accepted,
  so a batch that runs twice lands once. Only by hand a failed item is put back, with all its
  tries, unless its holding waits again already.
* Nothing was tried where no worker began the batch before its lease ran out, or there was no fresh
  snapshot to read. A holding that closed has a row of its own, so its item ends without one.
* A success is accepted from any batch, a failure only from the batch that holds the lease.
* Lower priority numbers go first, then the longest wait.

The queue lives in memory and reads no clock. Every change leaves rows, taken with
`take_rows`, that are committed to the lake; `restore` builds the queue again from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from slotwise.contract import PositionKey
from slotwise.queue_item import (
    BATCH_SIZE,
    POLLED,
    URGENT,
    Attempt,
    Batch,
    NewItem,
    QueueRow,
    State,
)
from slotwise.queue_transitions import (
    inserted_row,
    leased_row,
    put_back_row,
    raised_row,
    tried_row,
)

__all__ = [
    "BATCH_SIZE",
    "POLLED",
    "URGENT",
    "Attempt",
    "Batch",
    "NewItem",
    "PositionQueue",
    "QueueRow",
    "State",
]


class PositionQueue:
    """Keep non-essential contracts in order until each is landed or has failed."""

    def __init__(self, max_attempts: int = 5) -> None:
        self._max_attempts = max_attempts
        self._items: dict[str, QueueRow] = {}
        self._by_key: dict[PositionKey, str] = {}
        self._unsaved: set[str] = set()
        self._ended: list[QueueRow] = []

    @classmethod
    def restore(cls, rows: Iterable[QueueRow], max_attempts: int = 5) -> PositionQueue:
        """Build the queue from its rows, in any order, with final items among them or not."""
        queue = cls(max_attempts)
        newest: dict[str, QueueRow] = {}
        for row in rows:
            known = newest.get(row.item_id)
            if known is None or row.revision > known.revision:
                newest[row.item_id] = row
        for row in newest.values():
            if row.state in ("waiting", "leased"):
                queue._items[row.item_id] = row
                queue._by_key[row.key] = row.item_id
        return queue

    def insert(self, items: Iterable[NewItem], now: datetime) -> int:
        """Add the items that do not wait already; return how many were added."""
        added = 0
        for item in items:
            known = self._by_key.get((item.account, item.con_id))
            if known is None:
                row = inserted_row(item, now)
                self._by_key[row.key] = row.item_id
                self._put(row)
                added += 1
            elif item.priority < self._items[known].priority:
                self._put(raised_row(self._items[known], item.priority))
        return added

    def get_batch(
        self, batch_id: str, now: datetime, lease_s: float, size: int = BATCH_SIZE
    ) -> Batch | None:
        """Lease the next batch; None when nothing waits."""
        return next(iter(self.get_batches([batch_id], now, lease_s, size)), None)

    def get_batches(
        self, batch_ids: Sequence[str], now: datetime, lease_s: float, size: int = BATCH_SIZE
    ) -> list[Batch]:
        """Lease as many batches as there are ids and waiting items for."""
        waiting = sorted(
            (row for row in self._items.values() if row.state == "waiting"),
            key=lambda row: (row.priority, row.inserted_at, row.item_id),
        )
        batches = []
        for number, batch_id in enumerate(batch_ids):
            chunk = waiting[number * size : (number + 1) * size]
            if not chunk:
                break
            items = tuple(
                NewItem(row.item_id, row.account, row.con_id, row.priority) for row in chunk
            )
            batch = Batch(batch_id, now, now + timedelta(seconds=lease_s), items)
            self.lease(batch)
            batches.append(batch)
        return batches

    def lease(self, batch: Batch) -> None:
        """Record a lease; leasing the same batch twice changes nothing."""
        for item in batch.items:
            row = self._items.get(item.item_id)
            if row is not None and row.state == "waiting" and row.batch_id != batch.batch_id:
                self._put(leased_row(row, batch))

    def leased(self) -> list[tuple[str, str]]:
        """Return the items under lease, each with the batch that holds it."""
        return [
            (row.item_id, row.batch_id or "")
            for row in self._items.values()
            if row.state == "leased"
        ]

    def overdue(self, now: datetime) -> list[tuple[str, str]]:
        """List the items whose lease has run out, each with the batch that held it."""
        return [
            (row.item_id, row.batch_id or "")
            for row in self._items.values()
            if row.state == "leased" and row.lease_until is not None and row.lease_until <= now
        ]

    def release(
        self,
        overdue: Iterable[tuple[str, str]],
        now: datetime,
        untouched: Collection[str] = (),
    ) -> None:
        """Take back leases that ran out; a lease that was renewed in the meantime stays.

        `untouched` names the batches that no worker began.
        """
        for item_id, batch_id in overdue:
            row = self._items.get(item_id)
            if row is None or row.state != "leased" or row.batch_id != batch_id:
                continue
            if batch_id in untouched:
                self._requeue_untried(row, "no worker began it before the lease ran out", None, now)
            else:
                self._fail_attempt(row, "no answer before the lease ran out", None, now)

    def mark_success(self, item_ids: Iterable[str], attempt: Attempt) -> set[str]:
        """End items as landed and return the ids that were accepted.

        Ids of items that ended before are not accepted: their row is in the lake already.
        """
        accepted = set()
        for item_id in item_ids:
            row = self._items.get(item_id)
            if row is None:
                continue
            accepted.add(item_id)
            self._end(row, "succeeded", attempt, None)
        return accepted

    def mark_closed(self, item_ids: Iterable[str], attempt: Attempt) -> None:
        """End items whose holding is closed."""
        for item_id in item_ids:
            row = self._items.get(item_id)
            if row is not None:
                self._end(row, "closed", attempt, None)

    def mark_failed(
        self, failures: Iterable[tuple[str, str]], attempt: Attempt, *, tried: bool = True
    ) -> None:
        """Record failed tries, each an item id and a reason; the last try ends the item.

        Where nothing was `tried` the item waits again, and no attempt is counted.
        """
        for item_id, error in failures:
            row = self._items.get(item_id)
            if row is None or row.state != "leased" or row.batch_id != attempt.batch_id:
                continue
            if tried:
                self._fail_attempt(row, error, attempt, attempt.ended_at)
            else:
                self._requeue_untried(row, error, attempt, attempt.ended_at)

    def put_back(self, failed: Iterable[QueueRow], now: datetime) -> int:
        """Requeue items that had failed, and return their number.

        Each is given as the row it ended with. What waits already, itself or its holding under
        another id, is not changed.
        """
        added = 0
        for row in failed:
            if row.state != "failed" or row.item_id in self._items or row.key in self._by_key:
                continue
            self._by_key[row.key] = row.item_id
            self._put(put_back_row(row, now))
            added += 1
        return added

    def take_rows(self) -> list[QueueRow]:
        """Return the rows not taken before: every attempt that ended, and where items stand."""
        rows = self._ended
        rows += [self._items[item_id] for item_id in self._unsaved if item_id in self._items]
        self._ended = []
        self._unsaved = set()
        return rows

    def count(self, state: State) -> int:
        """Count the items in a state; final ones are forgotten here and counted in the lake."""
        return sum(row.state == state for row in self._items.values())

    def leased_batches(self) -> int:
        """Count the batches that hold at least one lease."""
        return len({row.batch_id for row in self._items.values() if row.state == "leased"})

    def pending(self) -> set[PositionKey]:
        """Return every holding that waits or is leased."""
        return set(self._by_key)

    def item_ids(self) -> list[str]:
        """Return every item that has not ended."""
        return list(self._items)

    def oldest(self) -> datetime | None:
        """Return when the oldest item that has not ended was inserted; None when there is none."""
        return min((row.inserted_at for row in self._items.values()), default=None)

    def ages_s(self, now: datetime) -> list[float]:
        """Return for how long each item that has not ended has been here, in no order."""
        return [(now - row.inserted_at).total_seconds() for row in self._items.values()]

    def __len__(self) -> int:
        return len(self._items)

    def _fail_attempt(
        self, row: QueueRow, error: str, attempt: Attempt | None, now: datetime
    ) -> None:
        if row.attempt >= self._max_attempts:
            self._end(row, "failed", attempt, error, now)
            return
        self._wait_again(tried_row(row, "waiting", attempt, error, now))

    def _requeue_untried(
        self, row: QueueRow, error: str, attempt: Attempt | None, now: datetime
    ) -> None:
        again = tried_row(row, "waiting", attempt, error, now)
        self._wait_again(msgspec.structs.replace(again, attempt=row.attempt - 1))

    def _wait_again(self, row: QueueRow) -> None:
        self._ended.append(row)
        # The lease's batch id stays on the row, so that a late entry cannot lease it again.
        self._items[row.item_id] = row
        self._unsaved.discard(row.item_id)

    def _end(
        self,
        row: QueueRow,
        state: State,
        attempt: Attempt | None,
        error: str | None,
        now: datetime | None = None,
    ) -> None:
        self._ended.append(tried_row(row, state, attempt, error, now))
        del self._items[row.item_id]
        del self._by_key[row.key]
        self._unsaved.discard(row.item_id)

    def _put(self, row: QueueRow) -> None:
        self._items[row.item_id] = row
        self._unsaved.add(row.item_id)
