"""Started: which batches a worker has begun, so that one that was never taken is no try.

Each is a key of its own that Redis lets go, so no clock of a worker is asked.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from slotwise.bus.client import Bus, translated

#: What began longer ago is forgotten, seconds: its lease, at most a minute or so, is over and was
#: looked at. A lake worker that is away for longer forgives a try.
KEPT_S = 600


class Started:
    """Batches that were begun, by name."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def mark(self, batch_id: str, commands: Any = None) -> None:
        """Keep that a batch was begun; `commands` is a transaction to do it in."""
        with translated():
            (commands or self._bus.redis).set(self._key(batch_id), 1, ex=KEPT_S)

    def untouched(self, batch_ids: Collection[str]) -> set[str]:
        """Return the batches of these that no worker has begun."""
        names = sorted(batch_ids)
        with translated():
            found = self._bus.redis.mget([self._key(name) for name in names]) if names else []
        return {name for name, value in zip(names, found, strict=True) if value is None}

    def _key(self, batch_id: str) -> str:
        return self._bus.key("batches", "begun", batch_id)
