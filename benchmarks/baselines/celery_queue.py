"""What is left of a Celery queue in Redis."""

from __future__ import annotations

from redis import Redis


class CeleryQueue:
    """Count a queue's messages, those that workers hold unacknowledged too."""

    def __init__(self, url: str, prefix: str, queue: str) -> None:
        self._redis = Redis.from_url(url)
        self._queue, self._unacked = f"{prefix}{queue}", f"{prefix}unacked"

    def left(self) -> int:
        """Return how many messages are not acknowledged."""
        return int(self._redis.llen(self._queue)) + int(self._redis.hlen(self._unacked))

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()
