"""How TWS turns a new connection away, or answers what its client cannot understand.

| kind    | accepted | greeting answered with        | startApi answered with               |
|---------|----------|-------------------------------|--------------------------------------|
| accept  | cut      |                               |                                      |
| close   | yes      | the end                       |                                      |
| hang    | yes      | nothing                       |                                      |
| below   | yes      | a version before the client's | the end                              |
| above   | yes      | a version after the client's  | the end                              |
| start   | yes      | as always                     | the end, without a word              |
| mute    | yes      | as always                     | nothing                              |
| error   | yes      | as always                     | an error such as 326, then the end   |

A client reports 502, 504 or 507 by itself when it is turned away: TWS sends none of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from tws_simulator.errors import FrameError
from tws_simulator.wire.handshake import Greeting

#: Nothing is in the way.
OPEN = "open"
ACCEPT, CLOSE, HANG = "accept", "close", "hang"
BELOW, ABOVE = "below", "above"
START, MUTE, ERROR = "start", "mute", "error"
KINDS = (ACCEPT, CLOSE, HANG, BELOW, ABOVE, START, MUTE, ERROR)
ID_IN_USE = "Unable to connect as the client id is already in use. Retry with a unique client id."
#: How far outside of the client's range a version is.
DISTANCE = 1


@dataclass(slots=True)
class ConnectionRefusal:
    """Hold how connections are turned away, until a time (unix seconds), and how many still are."""

    kind: str
    until: float = inf
    left: float = inf
    code: int = 326
    text: str = ID_IN_USE

    def version(self, greeting: Greeting) -> int:
        """Return the version to answer a client with; raises FrameError where there is none."""
        outside = {BELOW: greeting.oldest - DISTANCE, ABOVE: greeting.newest + DISTANCE}
        version = outside.get(self.kind, greeting.version)
        if not version:
            raise FrameError(f"no common version: {greeting.oldest} to {greeting.newest}")
        return version


class ConnectionRefusals:
    """Decide for each connection whether it is turned away."""

    def __init__(self) -> None:
        self.closed: ConnectionRefusal | None = None

    def take(self, now: float, *, accepting: bool) -> ConnectionRefusal:
        """Return how a connection is refused, at its accept or its first bytes, and count it."""
        door = self.closed
        if door is None or (door.kind == ACCEPT) is not accepting:
            return ConnectionRefusal(OPEN)
        if now >= door.until or door.left <= 0:
            self.closed = None
            return ConnectionRefusal(OPEN)
        door.left -= 1
        return door
