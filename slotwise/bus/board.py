"""The boards: the newest complete position snapshot, and the newest quotes.

A snapshot is written under its own key and then named as the current one in a single step, so
a reader never sees half of one. The one it replaces stays a while for readers under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.contract import PositionKey
from slotwise.position import Position, Snapshot, SnapshotHead
from slotwise.quote import Quote

#: A replaced snapshot lives on this long, seconds: longer than a batch may run.
REPLACED_TTL_S = 60
#: Positions written to Redis in one command: keeps each well under a megabyte.
CHUNK = 1000

_positions = msgspec.msgpack.Decoder(Position)
_heads = msgspec.msgpack.Decoder(SnapshotHead)
_quotes = msgspec.msgpack.Decoder(Quote)


def _field(key: PositionKey) -> str:
    return f"{key[0]}|{key[1]}"


class SnapshotBoard:
    """Hold the newest complete snapshot, with the pushes that came after it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._redis = bus.redis
        self._current = bus.key("snapshot", "current")

    def put(self, snapshot: Snapshot) -> None:
        """Replace the whole board by a newer snapshot."""
        key = self._bus.key("snapshot", snapshot.snapshot_id)
        head = SnapshotHead(
            snapshot_id=snapshot.snapshot_id,
            requested_at=snapshot.requested_at,
            completed_at=snapshot.completed_at,
            count=len(snapshot.positions),
        )
        encode = msgspec.msgpack.encode
        with translated():
            before = self.head()
            for start in range(0, len(snapshot.positions), CHUNK):
                chunk = snapshot.positions[start : start + CHUNK]
                self._redis.hset(
                    key, mapping={_field(position.key): encode(position) for position in chunk}
                )
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.set(self._current, encode(head))
            if before is not None and before.snapshot_id != snapshot.snapshot_id:
                pipeline.expire(self._bus.key("snapshot", before.snapshot_id), REPLACED_TTL_S)
            pipeline.execute()

    def amend(self, position: Position) -> None:
        """Write a pushed change over the current snapshot; without one it waits for the next."""
        head = self.head()
        if head is None:
            return
        with translated():
            self._redis.hset(
                self._bus.key("snapshot", head.snapshot_id),
                _field(position.key),
                msgspec.msgpack.encode(position),
            )

    def head(self) -> SnapshotHead | None:
        """Describe the current snapshot; None before the first."""
        with translated():
            data = self._redis.get(self._current)
        return None if data is None else _heads.decode(data)

    def get(
        self, keys: Sequence[PositionKey]
    ) -> tuple[SnapshotHead, dict[PositionKey, Position]] | None:
        """Read some positions of the current snapshot; what is absent is not held.

        None when there is no snapshot, or when its positions are gone from Redis.
        """
        head = self.head()
        if head is None:
            return None
        key = self._bus.key("snapshot", head.snapshot_id)
        with translated():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.hlen(key)
            if keys:
                pipeline.hmget(key, [_field(wanted) for wanted in keys])
            answers = pipeline.execute()
        if answers[0] < head.count:
            return None
        found = [_positions.decode(data) for data in (answers[1] if keys else []) if data]
        return head, {position.key: position for position in found}

    def all(self) -> tuple[SnapshotHead, list[Position]] | None:
        """Read the whole current snapshot; None as for `get`."""
        head = self.head()
        if head is None:
            return None
        with translated():
            data = self._redis.hvals(self._bus.key("snapshot", head.snapshot_id))
        if len(data) < head.count:
            return None
        return head, [_positions.decode(item) for item in data]


class QuoteBoard:
    """Hold the newest quote of each contract."""

    def __init__(self, bus: Bus) -> None:
        self._redis = bus.redis
        self._key = bus.key("quotes")

    def put(self, quotes: Iterable[Quote]) -> None:
        """Replace the quotes of these contracts."""
        mapping = {str(quote.con_id): msgspec.msgpack.encode(quote) for quote in quotes}
        if mapping:
            with translated():
                self._redis.hset(self._key, mapping=mapping)

    def get(self, con_ids: Sequence[int]) -> Mapping[int, Quote]:
        """Read the newest quotes of some contracts; one never quoted is absent."""
        if not con_ids:
            return {}
        with translated():
            data = self._redis.hmget(self._key, [str(con_id) for con_id in con_ids])
        return {
            con_id: _quotes.decode(item)
            for con_id, item in zip(con_ids, data, strict=True)
            if item is not None
        }
