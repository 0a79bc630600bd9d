"""The session as a table: which state follows which event, and what is to be done.

    disconnected --start--> connecting --connected--> ready
    connecting --failed--> waiting --retry--> connecting
    ready --dropped, silent--> waiting
    ready --upstream lost--> blind --upstream back--> ready

Rules:
* Lines live in a connection: when it goes, and after notice 1101, they are gone, and all are
  asked for again.
* While TWS is without IB (1100) the gateway is blind: it asks for nothing, and trusts nothing
  that it would be told. The connection stays, and after 1102 the lines go on.
* Whoever becomes ready polls at once.
* `stop` ends the session from wherever it is, and nothing begins it again.
* A pair that is not in the table changes nothing: events come late, and twice.
"""

from __future__ import annotations

from enum import Enum, auto

import msgspec


class State(Enum):
    """Where the session stands; the value is what people are shown."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    WAITING = "waiting to reconnect"
    READY = "ready"
    BLIND = "TWS has lost IB"
    ENDED = "ended"


class Event(Enum):
    """What happens to the session."""

    START = auto()
    RETRY = auto()
    CONNECTED = auto()
    FAILED = auto()
    #: The socket was closed by the other side.
    DROPPED = auto()
    #: The socket is there, but nothing comes over it.
    SILENT = auto()
    UPSTREAM_LOST = auto()
    UPSTREAM_BACK = auto()
    UPSTREAM_BACK_EMPTY = auto()
    STOP = auto()


class Action(Enum):
    """What a transition asks for."""

    #: Forget every line.
    LINES_GONE = auto()
    #: Send nothing more for now.
    PAUSE = auto()
    #: Poll, and open the lines that are missing.
    RESUME = auto()


class Step(msgspec.Struct, frozen=True):
    """Name the next state and what to do on the way."""

    state: State
    actions: tuple[Action, ...] = ()


_LOST_CONNECTION = Step(State.WAITING, (Action.PAUSE, Action.LINES_GONE))
_START_OVER = Step(State.READY, (Action.LINES_GONE, Action.RESUME))

TABLE: dict[tuple[State, Event], Step] = {
    (State.DISCONNECTED, Event.START): Step(State.CONNECTING),
    (State.CONNECTING, Event.CONNECTED): Step(State.READY, (Action.RESUME,)),
    (State.CONNECTING, Event.FAILED): Step(State.WAITING),
    (State.CONNECTING, Event.DROPPED): Step(State.WAITING),
    (State.WAITING, Event.RETRY): Step(State.CONNECTING),
    (State.READY, Event.DROPPED): _LOST_CONNECTION,
    (State.READY, Event.SILENT): _LOST_CONNECTION,
    (State.READY, Event.UPSTREAM_LOST): Step(State.BLIND, (Action.PAUSE,)),
    (State.READY, Event.UPSTREAM_BACK_EMPTY): _START_OVER,
    (State.READY, Event.UPSTREAM_BACK): Step(State.READY, (Action.RESUME,)),
    (State.BLIND, Event.DROPPED): _LOST_CONNECTION,
    (State.BLIND, Event.SILENT): _LOST_CONNECTION,
    (State.BLIND, Event.UPSTREAM_BACK_EMPTY): _START_OVER,
    (State.BLIND, Event.UPSTREAM_BACK): Step(State.READY, (Action.RESUME,)),
}


def next_step(state: State, event: Event) -> Step:
    """Look the transition up; one that is not in the table stays where it is."""
    if event is Event.STOP:
        return Step(State.ENDED)
    return TABLE.get((state, event), Step(state))


def retry_delay_s(failures: int, jitter: float) -> float:
    """Space out the tries to connect: 1 s, then longer, up to 3 s; `jitter` is 0 to 1.

    Never under a second: TWS keeps the client id of a closed socket for a moment. Never much
    longer either: after a restart every second without lines counts, and a try costs nothing.
    """
    return min(float(1.5 ** min(failures, 10)), 3.0) * (1.0 + 0.2 * jitter)
