"""The boards: the newest complete position snapshot, and the newest quotes.

A snapshot is written under its own key and then named as the current one in a single step, so
a reader never sees half of one. The one it replaces stays a while for readers under way.

Nothing older overwrites what is newer: of two snapshots, and of two observations of a holding, the
one with the higher number counts (`slotwise.numbering`); where neither has one, the later one.
Changes are kept beside the snapshot, so that one that was put later but is older cannot undo them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.bus.position_encoder import PositionEncoder
from slotwise.bus.readable import readable
from slotwise.contract import PositionKey
from slotwise.position import PollFailure, Position, Snapshot, SnapshotHead, is_older
from slotwise.quote import Quote
from slotwise.snapshot_age import SnapshotAge

#: A replaced snapshot lives on this long, seconds: longer than a batch may run.
REPLACED_TTL_S = 60
#: Positions written to Redis in one command: keeps each well under a megabyte.
CHUNK = 1000
#: Why a poll failed is kept this long, seconds: it is repeated at least every half minute.
FAILURE_TTL_S = 120

_positions = msgspec.msgpack.Decoder(Position)
_failures = msgspec.msgpack.Decoder(PollFailure)
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
        self._changes = bus.key("snapshot", "changes")
        self._failure = bus.key("snapshot", "failure")
        self._ages = SnapshotAge()
        self._encoder = PositionEncoder()

    def put(self, snapshot: Snapshot) -> None:
        """Replace the whole board by a newer snapshot; an older one changes nothing."""
        key = self._bus.key("snapshot", snapshot.snapshot_id)
        with translated():
            before = self.head()
            if before is not None and _order(before) > _order(snapshot):
                return
            positions, undone = self._with_changes(snapshot)
            head = SnapshotHead(
                snapshot_id=snapshot.snapshot_id,
                requested_at=snapshot.requested_at,
                completed_at=snapshot.completed_at,
                count=len(positions),
                sequence=snapshot.sequence,
                unknown=snapshot.unknown,
                questions=snapshot.questions,
                put_at_s=self._now_s(),
            )
            encoded = self._encoder.encode_all(positions.values())
            fields = zip(map(_field, positions), encoded, strict=True)
            while chunk := dict(islice(fields, CHUNK)):
                self._redis.hset(key, mapping=chunk)
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.set(self._current, msgspec.msgpack.encode(head))
            if before is not None and before.snapshot_id != snapshot.snapshot_id:
                pipeline.expire(self._bus.key("snapshot", before.snapshot_id), REPLACED_TTL_S)
            if undone:
                pipeline.hdel(self._changes, *undone)
            pipeline.delete(self._failure)
            pipeline.execute()

    def amend(self, position: Position) -> None:
        """Write a pushed change over the current snapshot; without one it waits for the next.

        A change that is older than what is there changes nothing.
        """
        head = self.head()
        if head is None:
            return
        key, field = self._bus.key("snapshot", head.snapshot_id), _field(position.key)
        with translated():
            known = self._redis.hget(key, field)
            there = readable(_positions, known, f"{key} {field}")
            if there is not None and _is_older(position, there):
                return
            if known is None and 0 < (position.sequence or 0) <= (head.sequence or 0):
                # The snapshot is newer, and has the holding no more.
                return
            data = msgspec.msgpack.encode(position)
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.hset(key, field, data)
            pipeline.hset(self._changes, field, data)
            pipeline.execute()

    def fail(self, failure: PollFailure) -> None:
        """Write that a request for positions was not answered, until the next snapshot."""
        with translated():
            self._redis.set(self._failure, msgspec.msgpack.encode(failure), ex=FAILURE_TTL_S)

    def failure(self) -> PollFailure | None:
        """Read why the newest request for positions was not answered; None where it was."""
        with translated():
            data = self._redis.get(self._failure)
        return readable(_failures, data, self._failure)

    def head(self) -> SnapshotHead | None:
        """Describe the current snapshot; None before the first."""
        with translated():
            data = self._redis.get(self._current)
        return readable(_heads, data, self._current)

    def age_s(self, head: SnapshotHead) -> float:
        """Return the age of a snapshot, seconds, by clocks that are the same for all processes."""
        with translated():
            return self._ages.compute(head, self._now_s(), time.monotonic())

    def _now_s(self) -> float:
        """Read the clock of Redis, unix seconds."""
        return _seconds(self._redis.time())

    def get(
        self, keys: Sequence[PositionKey]
    ) -> tuple[SnapshotHead, dict[PositionKey, Position]] | None:
        """Read some positions of the current snapshot; what is absent is not held.

        None when there is no snapshot, or when its positions are gone from Redis or cannot be read.
        """
        head = self.head()
        if head is None:
            return None
        with translated():
            pipeline = self._redis.pipeline(transaction=True)
            self._ask_positions(head.snapshot_id, keys, pipeline)
            count, data = pipeline.execute()
        found = self._positions_of(head, count, data)
        return None if found is None else (head, found)

    def ask(self, snapshot_id: str, keys: Sequence[PositionKey], pipeline: Any) -> None:
        """Ask within a transaction for the head, and for some positions of a snapshot."""
        pipeline.get(self._current)
        pipeline.time()
        self._ask_positions(snapshot_id, keys, pipeline)

    def answer(
        self,
        head_data: bytes | None,
        now: tuple[int, int],
        count: int,
        data: Sequence[bytes | None],
    ) -> tuple[SnapshotHead | None, float, dict[PositionKey, Position] | None]:
        """Read what `ask` was answered: the current head, its age in seconds, and the positions.

        They are those of the head only where it is of the snapshot that was asked for.
        """
        head = readable(_heads, head_data, self._current)
        if head is None:
            return None, 0.0, None
        age_s = self._ages.compute(head, _seconds(now), time.monotonic())
        return head, age_s, self._positions_of(head, count, data)

    def _ask_positions(self, snapshot_id: str, keys: Sequence[PositionKey], pipeline: Any) -> None:
        key = self._bus.key("snapshot", snapshot_id)
        pipeline.hlen(key)
        # Redis refuses a question for nothing; no position has an empty name.
        pipeline.hmget(key, [_field(wanted) for wanted in keys] or [""])

    def _positions_of(
        self, head: SnapshotHead, count: int, data: Sequence[bytes | None]
    ) -> dict[PositionKey, Position] | None:
        if count < head.count:
            return None
        key = self._bus.key("snapshot", head.snapshot_id)
        found = [readable(_positions, one, key) for one in data if one is not None]
        whole = [one for one in found if one is not None]
        # One that cannot be read is not "not held": the next snapshot replaces it.
        return {one.key: one for one in whole} if len(whole) == len(found) else None

    def all(self) -> tuple[SnapshotHead, list[Position]] | None:
        """Read the whole current snapshot; None as for `get`."""
        head = self.head()
        if head is None:
            return None
        with translated():
            data = self._redis.hvals(self._bus.key("snapshot", head.snapshot_id))
        if len(data) < head.count:
            return None
        found = [readable(_positions, item, self._current) for item in data]
        whole = [position for position in found if position is not None]
        return (head, whole) if len(whole) == len(found) else None

    def _with_changes(self, snapshot: Snapshot) -> tuple[dict[PositionKey, Position], list[bytes]]:
        """Return the snapshot's positions, newer changes in their place, and the older ones."""
        positions = {position.key: position for position in snapshot.positions}
        undone: list[bytes] = []
        for field, data in self._redis.hgetall(self._changes).items():
            change = readable(_positions, data, f"{self._changes} {field!r}")
            if change is None:
                undone.append(field)
                continue
            row = positions.get(change.key)
            newer = _is_older(row, change) if row is not None else _follows(change, snapshot)
            if newer:
                positions[change.key] = change
            else:
                undone.append(field)
        return positions, undone


def _seconds(now: tuple[int, int]) -> float:
    """Make one number of what Redis gives as its time."""
    return now[0] + now[1] / 1e6


def _order(snapshot: Snapshot | SnapshotHead) -> tuple[int, datetime]:
    """Place a snapshot among others: by its number, and by time where it has none."""
    return snapshot.sequence or 0, snapshot.requested_at


def _is_older(position: Position, than: Position) -> bool:
    if position.sequence is None and than.sequence is None:
        return position.observed_at < than.observed_at
    return is_older(position, than)


def _follows(change: Position, snapshot: Snapshot) -> bool:
    """Return True for a change that came after the end of a snapshot."""
    if change.sequence is None and snapshot.sequence is None:
        return change.observed_at > snapshot.completed_at
    return (change.sequence or 0) > (snapshot.sequence or 0)


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

    def con_ids(self) -> set[int]:
        """Return the contracts that have a quote here."""
        with translated():
            return {int(field) for field in self._redis.hkeys(self._key)}

    def forget(self, con_ids: Iterable[int]) -> None:
        """Remove the quotes of contracts."""
        fields = [str(con_id) for con_id in con_ids]
        if fields:
            with translated():
                self._redis.hdel(self._key, *fields)

    def get(self, con_ids: Sequence[int]) -> Mapping[int, Quote]:
        """Read the newest quotes of some contracts; one never quoted is absent."""
        if not con_ids:
            return {}
        with translated():
            return self.answer(con_ids, self.ask(con_ids, self._redis))

    def ask(self, con_ids: Sequence[int], commands: Any) -> Any:
        """Ask by a client, or within a transaction, for some contracts."""
        return commands.hmget(self._key, [str(con_id) for con_id in con_ids] or [""])

    def answer(self, con_ids: Sequence[int], data: Sequence[bytes | None]) -> dict[int, Quote]:
        """Read what `ask` was answered."""
        return {
            con_id: quote
            for con_id, item in zip(con_ids, data, strict=False)
            if item is not None
            and (quote := readable(_quotes, item, f"{self._key} {con_id}")) is not None
        }
