"""How long Celery's queues are, for Flower, read over connections as the bus makes them.

Flower reads the address of Redis by rules of its own: it ignores the database of a Unix socket,
the options behind a question mark, and all Sentinels but the first. It names the queues of the
workers that answered it at its start, which on a busy machine are not all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import flower.views
from flower.utils.broker import RedisBase

from slotwise.bus.client import Bus, translated
from slotwise.settings import settings
from tasks.schedule import LAKE, POLL


class QueueLengths(RedisBase):  # type: ignore[misc]  # flower ships no types: its base is Any
    """Count the messages that wait in each queue."""

    async def queues(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Return name and length of these queues and of ours; raises BusError without Redis."""
        return await asyncio.to_thread(self._lengths, sorted({POLL, LAKE, *names}))

    def _lengths(self, names: list[str]) -> list[dict[str, Any]]:
        bus = Bus(settings().redis_url)
        try:
            with translated():
                return [{"name": name, "messages": self._length(bus, name)} for name in names]
        finally:
            bus.close()

    def _length(self, bus: Bus, name: str) -> int:
        keys = (self._q_for_pri(name, priority) for priority in self.priority_steps)
        return sum(bus.redis.llen(f"{self.broker_prefix}{key}") for key in keys)


def use_queue_lengths() -> None:
    """Make Flower's pages count by this class."""
    flower.views.Broker = QueueLengths
