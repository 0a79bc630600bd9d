"""Kombu's Redis transport, with connections as the bus makes them.

Kombu makes a client of redis-py anew for every message that it sends or acknowledges, and each
time event messages leave: that was a sixth of a poll worker's CPU time. A client is no connection:
it takes one from its channel's pool for each command, so one serves all.

A Redis that is out of memory, turned into a replica or cannot save refuses writes until that ends.
Kombu counts such an answer as an error of the program and the worker ends; here it counts as a lost
connection, so that the worker connects again until writes are taken.

A worker that ends gives back what it took and did not finish. Where Redis is away, kombu's attempt
is a traceback; here it is one line. The messages stay in Redis, and another worker receives them
after `VISIBILITY_S`.

Where Redis is, and how to connect, comes from the settings alone, read when the application is
made: kombu's own reading of addresses differs from redis-py's.
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

import structlog
from kombu.transport import redis

from slotwise.bus.connection import Parameters, connection_pool, parameters
from slotwise.bus.trouble import PASSING
from slotwise.redis_address import RedisAddress
from slotwise.settings import settings

log = structlog.get_logger(__name__)

ADDRESS = settings().redis_address


def celery_url(address: RedisAddress) -> str:
    """Write an address in the one form that Celery and kombu read, without its password."""
    host, port = address.hosts[0] if address.hosts else (address.socket, 0)
    where = quote(address.service or host, safe="")
    port_too = f":{port}" if port and not address.service else ""
    return f"{'rediss' if address.tls else 'redis'}://{where}{port_too}/{address.database}"


class QoS(redis.QoS):
    """Give messages back at the end of a worker, where Redis answers."""

    def restore_unacked_once(self, stderr: Any = None) -> None:
        """Requeue what was taken and not finished; one line where Redis does not answer."""
        messages = len(self._delivered)
        try:
            cast("Any", super()).restore_unacked_once(stderr)
        except Transport.connection_errors as error:
            log.warning(
                "messages are not given back: Redis does not answer",
                messages=messages,
                error=str(error),
            )
            # Kombu asks again when it closes the channel, and expects that nothing is left then.
            self._delivered.clear()


class Channel(redis.Channel):
    """Keep the client that commands are sent by, as long as its pool is the channel's."""

    QoS = QoS
    _kept: Any = None

    def _connparams(self, asynchronous: bool = False) -> Parameters:
        made = parameters(ADDRESS)
        if asynchronous:
            made["connection_class"] = _watching_class(made["connection_class"], self)
        return made

    def _get_pool(self, asynchronous: bool = False) -> Any:
        made = self._connparams(asynchronous)
        self.keyprefix_fanout = self.keyprefix_fanout.format(db=made["db"])
        return connection_pool(ADDRESS, made)

    def _create_client(self, asynchronous: bool = False) -> Any:
        # The clients of the event loop hold a connection of their own, so they are not shared.
        if asynchronous:
            return cast("Any", super())._create_client(asynchronous=True)
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = cast("Any", super())._create_client()
        return self._kept


class Transport(redis.Transport):
    """Make channels that keep their client, and count refused writes as a lost connection."""

    Channel = Channel
    connection_errors = (*redis.Transport.connection_errors, *PASSING)


def _watching_class(kind: type[Any], channel: Channel) -> type[Any]:
    """Make a class of connections that leave the channel's event loop when they are lost."""

    class Connection(kind):  # type: ignore[misc]  # a class that is known when it runs
        def disconnect(self, *args: Any, **kwargs: Any) -> None:
            super().disconnect(*args, **kwargs)
            # As kombu's own: only what was added to the loop is removed from it.
            if channel._registered:
                cast("Any", channel)._on_connection_disconnect(self)

    return Connection
