"""Kombu's Redis transport, with one client for what it sends.

Kombu makes a client of redis-py anew for every message that it sends or acknowledges, and each
time event messages leave: that was a sixth of a poll worker's CPU time. A client is no connection:
it takes one from its channel's pool for each command, so one serves all.
"""

from __future__ import annotations

from typing import Any, cast

from kombu.transport import redis


class Channel(redis.Channel):
    """Keep the client that commands are sent by, as long as its pool is the channel's."""

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        # The clients of the event loop hold a connection of their own, so they are not shared.
        if asynchronous:
            return cast("Any", super())._create_client(asynchronous=True)
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = cast("Any", super())._create_client()
        return self._kept


class Transport(redis.Transport):
    """Make channels that keep their client."""

    Channel = Channel
