"""Faults of all connections at the moment, and the clients that are connected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tws_simulator.services.common.client import Client
from tws_simulator.services.common.connection_refusals import ConnectionRefusals
from tws_simulator.services.common.unanswered_requests import UnansweredRequests
from tws_simulator.wire.ids import Request

#: Requests that are never slow: a connection that is not started is no client yet.
PROMPT = frozenset((int(Request.START_API),))


class HalfOpen(Enum):
    """Name where a new connection falls silent."""

    NEVER = "never"
    #: Accepted, and the greeting gets no answer.
    GREETING = "greeting"
    #: Greeted, and startApi gets no answer.
    START = "start"


@dataclass(frozen=True, slots=True)
class Slow:
    """Hold how long requests wait, seconds, and which; no kinds means all.

    Where `streams` is false, whatever else goes to a client waits behind its slow answers.
    """

    seconds: float
    kinds: frozenset[int] = frozenset()
    streams: bool = True

    def wait_s(self, body: bytes) -> float:
        """Return how long a request waits."""
        name = body.split(b"\0", 1)[0]
        kind = int(name) if name.isdigit() and len(name) < 10 else 0
        if kind in PROMPT or (self.kinds and kind not in self.kinds):
            return 0.0
        return self.seconds


class Faults:
    """Hold the faults that are on, and every connection, started or not."""

    def __init__(self) -> None:
        #: In the order in which they connected.
        self.connected: dict[Client, None] = {}
        self.half_open = HalfOpen.NEVER
        #: New connections are whole again from this time on, unix seconds.
        self.half_open_until = float("inf")
        self.slow: Slow | None = None
        self.doors = ConnectionRefusals()
        self.hangs = UnansweredRequests()

    def arrived(self, client: Client) -> None:
        """Take note of a new connection."""
        self.connected[client] = None

    def greet(self, client: Client, now: float) -> None:
        """Fall silent before the greeting is answered, where that is on."""
        client.silent = client.silent or self._falls_silent(HalfOpen.GREETING, now)

    def greeted(self, client: Client, now: float) -> None:
        """Fall silent after the greeting was answered, where that is on."""
        client.silent = client.silent or self._falls_silent(HalfOpen.START, now)

    def gone(self, client: Client) -> None:
        """Remove a connection."""
        self.connected.pop(client, None)

    def clear(self) -> None:
        """Begin again, as after a restart; connected clients stay."""
        self.half_open, self.slow = HalfOpen.NEVER, None
        self.hangs.end()

    def _falls_silent(self, where: HalfOpen, now: float) -> bool:
        return self.half_open is where and now < self.half_open_until
