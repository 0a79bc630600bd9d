"""BatchReader: all that a batch is answered from, in one round trip to Redis.

A command alone costs a worker as much as valuing five holdings, and Redis as much again.

One transaction reads everything, so positions, quotes and the snapshot's head are of one moment.
Under which key the positions are is known only with the head: they are asked for under that of the
head read last, and once more where there is another by now, which is once in a poll.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus, translated
from slotwise.bus.polled_quotes import PolledQuotes
from slotwise.bus.started import Started
from slotwise.contract import PositionKey
from slotwise.position import Position, SnapshotHead
from slotwise.quote import Quote
from slotwise.rules.position_queue import Batch


class BatchFacts(NamedTuple):
    """What a batch is answered from."""

    #: The snapshot's head and the batch's positions in it; None as for `SnapshotBoard.get`.
    found: tuple[SnapshotHead, Mapping[PositionKey, Position]] | None
    #: How old the snapshot is, seconds; 0 without one.
    age_s: float
    #: The newest quotes when the snapshot was taken, and the newest now.
    polled: Mapping[int, Quote]
    quotes: Mapping[int, Quote]


class BatchReader:
    """Note that batches were begun, and read what they are answered from."""

    def __init__(
        self,
        bus: Bus,
        started: Started,
        snapshots: SnapshotBoard,
        polled: PolledQuotes,
        quotes: QuoteBoard,
    ) -> None:
        self._redis = bus.redis
        self._started = started
        self._snapshots = snapshots
        self._polled = polled
        self._quotes = quotes
        #: The snapshot that positions are asked of first.
        self._snapshot_id = ""

    def begin(self, batch: Batch) -> BatchFacts:
        """Mark a batch as begun and read what it is answered from."""
        keys = [(item.account, item.con_id) for item in batch.items]
        con_ids = [item.con_id for item in batch.items]
        while True:
            with translated():
                pipeline = self._redis.pipeline(transaction=True)
                self._started.mark(batch.batch_id, pipeline)
                self._polled.ask(con_ids, pipeline)
                self._quotes.ask(con_ids, pipeline)
                self._snapshots.ask(self._snapshot_id, keys, pipeline)
                _, polled, quotes, *rest = pipeline.execute()
            asked, (head, age_s, found) = self._snapshot_id, self._snapshots.answer(*rest)
            if head is not None and head.snapshot_id != asked:
                self._snapshot_id = head.snapshot_id
                continue
            return BatchFacts(
                found=None if head is None or found is None else (head, found),
                age_s=age_s,
                polled=self._polled.answer(polled),
                quotes=self._quotes.answer(con_ids, quotes),
            )
