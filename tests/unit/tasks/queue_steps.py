"""Steps of tests of the queue: insert, hold, and read what was sent."""

from __future__ import annotations

from datetime import UTC, datetime

from slotwise.rules.landing import Inserted
from tasks.context import Context
from tests.support.values import item, position, snapshot


def now() -> datetime:
    return datetime.now(UTC)


def insert(shared: Context, *con_ids: int) -> None:
    shared.landing.append(Inserted(tuple(item(con_id) for con_id in con_ids), now()))


def hold(shared: Context, *con_ids: int) -> None:
    """Put a snapshot on the board that holds these contracts."""
    held = (position(con_id, observed_at=now()) for con_id in con_ids)
    shared.snapshots.put(snapshot("s1", *held, when=now()))


def heads(shared: Context) -> list[str]:
    return [type(entry.head).__name__ for entry in shared.landing.read(0, 1000)]
