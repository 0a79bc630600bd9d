"""Requests that are read and never answered, as executions are by some TWS 10.30 and later."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from tws_simulator.wire.ids import Request

#: Requests that always get their answer: a session must be able to start.
ANSWERED = frozenset((int(Request.START_API),))


@dataclass(slots=True)
class Hang:
    """How long a kind of request hangs: until a time, unix seconds, and how often."""

    until: float = inf
    left: float = inf


class UnansweredRequests:
    """Requests that hang, by kind."""

    def __init__(self) -> None:
        self._on: dict[int, Hang] = {}

    def put(self, kind: Request, hang: Hang) -> None:
        """Make a kind of request hang."""
        self._on[int(kind)] = hang

    def end(self, kind: Request | None = None) -> None:
        """Answer a kind of request again, or all."""
        if kind is None:
            self._on.clear()
        else:
            self._on.pop(int(kind), None)

    def take(self, kind: int, now: float) -> bool:
        """Return True for a request that gets no answer, and count it."""
        hang = self._on.get(kind)
        if hang is None:
            return False
        if now >= hang.until or hang.left <= 0:
            del self._on[kind]
            return False
        hang.left -= 1
        return True
