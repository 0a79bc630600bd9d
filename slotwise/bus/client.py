"""One way to Redis: its timeouts, its errors and its keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import redis
from redis.exceptions import AskError, ClusterCrossSlotError, ClusterDownError, MovedError

from slotwise.bus.connection import (
    SOCKET_TIMEOUT_S,
    DoubtfulServerError,
    connection_pool,
    parameters,
)
from slotwise.bus.key_types import NamingClient
from slotwise.bus.trouble import trouble_of
from slotwise.errors import BusAwayError, BusError, InputError
from slotwise.redis_address import parse_redis_address

#: A command line waits this long for each answer, seconds, and not twice: a person waits for it.
#: One that takes longer is of a server that hangs.
COMMAND_TIMEOUT_S = 3.0
CLUSTER = "Redis: this server is part of a cluster, which is not supported: name a single server"


class Bus:
    """Hold one connection pool and the prefix of every key.

    `socket_timeout_s` is how long a connection may be silent: no blocking read waits so long.
    """

    # Any: redis-py types one method for its sync and async clients, as a union of both answers.

    def __init__(self, url: str, prefix: str = "slotwise:", timeout_s: float | None = None) -> None:
        """Connect at the first command; raises BusError where `url` is no address of Redis.

        With a timeout no answer is waited for longer.
        """
        try:
            address = parse_redis_address(url)
        except InputError as error:
            raise BusError(str(error)) from error
        made = parameters(address)
        if timeout_s is not None:
            for limit in ("socket_timeout", "socket_connect_timeout"):
                made[limit] = min(made[limit], timeout_s)
        pool = connection_pool(address, made)
        self.redis: Any = NamingClient.over(pool, prefix=prefix)
        self.socket_timeout_s: float = made["socket_timeout"]
        self.url = url
        self.prefix = prefix

    @classmethod
    def over(cls, client: Any, prefix: str = "slotwise:") -> Bus:
        """Use a client that exists already: fakeredis in unit tests."""
        bus = cls.__new__(cls)
        bus.redis, bus.url, bus.prefix = client, "", prefix
        bus.socket_timeout_s = SOCKET_TIMEOUT_S
        return bus

    def key(self, *parts: str) -> str:
        """Return a key under the prefix."""
        return self.prefix + ":".join(parts)

    def ping(self) -> None:
        """Raise BusError unless Redis answers, and is no cluster."""
        with translated():
            self.redis.ping()
            with suppress(redis.ResponseError):
                # A user without the right to ask is refused by the first key of another node.
                info = self.redis.info("server")
                # Valkey names it otherwise.
                if "cluster" in (info.get("redis_mode"), info.get("server_mode")):
                    raise BusError(CLUSTER)

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
    except (MovedError, AskError, ClusterDownError, ClusterCrossSlotError) as error:
        raise BusError(CLUSTER) from error
    except redis.RedisError as error:
        is_away = trouble_of(error) == "away" and not isinstance(error, DoubtfulServerError)
        raise (BusAwayError if is_away else BusError)(f"Redis: {error}") from error
