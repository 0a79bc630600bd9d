"""One way to Redis: its timeouts, its errors and its keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from slotwise.errors import BusError
from slotwise.passwords import without_passwords

#: A half-open connection is given up after this, seconds.
SOCKET_TIMEOUT_S = 5.0
#: Idle connections are probed this often, seconds: found dead before they are needed.
HEALTH_CHECK_S = 5
#: One quick second try hides a restarted server from most callers.
RETRIES = 1


class Bus:
    """Hold one connection pool and the prefix of every key."""

    # Any: redis-py types one method for its sync and async clients, as a union of both answers.

    def __init__(self, url: str, prefix: str = "slotwise:") -> None:
        try:
            self.redis: Any = redis.Redis.from_url(
                url,
                socket_timeout=SOCKET_TIMEOUT_S,
                socket_connect_timeout=SOCKET_TIMEOUT_S,
                health_check_interval=HEALTH_CHECK_S,
                retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), RETRIES),
            )
        except ValueError as error:
            raise BusError(
                f"REDIS_URL {without_passwords(url)!r} is no Redis address: {error}"
            ) from error
        self.url = url
        self.prefix = prefix

    @classmethod
    def over(cls, client: Any, prefix: str = "slotwise:") -> Bus:
        """Use a client that exists already: fakeredis in unit tests."""
        bus = cls.__new__(cls)
        bus.redis, bus.url, bus.prefix = client, "", prefix
        return bus

    def key(self, *parts: str) -> str:
        """Name a key under the prefix."""
        return self.prefix + ":".join(parts)

    def ping(self) -> None:
        """Raise BusError unless Redis answers."""
        with translated():
            self.redis.ping()

    def clear(self) -> None:
        """Delete every key under the prefix."""
        with translated():
            for key in self.redis.scan_iter(match=f"{self.prefix}*", count=1000):
                self.redis.unlink(key)

    def close(self) -> None:
        """Close every connection of the pool."""
        self.redis.close()


@contextmanager
def translated() -> Iterator[None]:
    """Turn redis-py's errors into BusError."""
    try:
        yield
    except redis.RedisError as error:
        raise BusError(f"Redis: {error}") from error
