"""Backlog: what waits in Celery's queues, so that nothing piles up there while workers are away.

A periodic task is not sent again while its last message waits, and no batches are while those
before wait unread. Messages do not expire: that would compare the clocks of two machines.
"""

from __future__ import annotations

import msgspec

from slotwise.bus.client import Bus, translated

#: A periodic message that was not begun for this long is looked for in its queue, seconds: a worker
#: that took it may have died.
LOOKED_FOR_S = 600


class Backlog:
    """Look into Celery's queues."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._redis = bus.redis

    def key(self, queue: str) -> str:
        """Return the key of the list of a Celery queue: its prefix is set in `tasks.app`."""
        return self._bus.key("celery", queue)

    def length(self, queue: str) -> int:
        """Count the messages of a queue that no worker has taken."""
        with translated():
            return int(self._redis.llen(self.key(queue)))

    def sent(self, task: str) -> None:
        """Keep that a message of a periodic task was sent."""
        with translated():
            self._redis.set(self._bus.key("periodic", task), 1, ex=LOOKED_FOR_S)

    def taken(self, task: str) -> None:
        """Keep that the message of a periodic task was begun, or dropped."""
        with translated():
            self._redis.set(self._bus.key("periodic", task), 0, ex=LOOKED_FOR_S)

    def waits(self, task: str, queue: str) -> bool:
        """Return True while the last message of a periodic task waits in its queue."""
        with translated():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.get(self._bus.key("periodic", task))
            pipeline.llen(self.key(queue))
            sent, waiting = pipeline.execute()
            if not waiting or sent is not None:
                return bool(waiting) and sent == b"1"
            # Its name stands in the headers of its message.
            name = msgspec.json.encode(task)
            if not any(name in message for message in self._redis.lrange(self.key(queue), 0, -1)):
                return False
        self.sent(task)
        return True
