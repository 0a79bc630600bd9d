"""The session as a table: which state follows which event, and what is to be done.

    disconnected --start--> connecting --connected--> ready
    connecting --failed--> waiting --retry--> connecting
    connecting --upstream lost--> connecting blind --connected--> blind
    ready --dropped, silent, port moved--> waiting
    ready --upstream lost--> blind --any sign of IB--> ready

Rules:
* Lines live in a connection: when it goes, and after notice 1101, they are gone, and all are
  asked for again.
* While TWS is without IB (1100, 2110) the gateway is blind: it asks for nothing, and trusts nothing
  that it would receive. The connection stays, and after 1102 the lines go on. Notices that come
  during the greeting count like any others.
* What ends the blindness is whatever comes first: 1102 or 1101; a farm that is back (2110 is
  sometimes followed by nothing else, LEAN's IB brokerage #960); a tick; an answer from IB. Every
  `LOOK_S` something is asked that only IB can answer, since sometimes neither comes (IBC #143,
  #251). So no state but `ended` lasts while TWS is well.
* After 1300 TWS drops the connection, so it is left at once, for the new port.
* A session that becomes ready polls at once.
* `stop` ends the session from wherever it is, and nothing begins it again.
* A pair that is not in the table changes nothing: events come late, and twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

import msgspec

#: TWS must greet within this, seconds.
HANDSHAKE_TIMEOUT_S = 10.0
#: While TWS is without IB something is asked of IB this often, seconds.
LOOK_S = 10.0
#: Longest wait between two tries to connect, seconds.
LONGEST_RETRY_S = 3.6


class State(Enum):
    """Where the session stands; the value is what people are shown."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTING_BLIND = "connecting, TWS has lost IB"
    WAITING = "waiting to reconnect"
    READY = "ready"
    BLIND = "TWS has lost IB"
    ENDED = "ended"


#: States in which a connection is being made.
CONNECTING_STATES = frozenset((State.CONNECTING, State.CONNECTING_BLIND))


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
    #: A farm is back, so TWS has IB.
    LINK_WORKS = auto()
    #: A farm changed; that proves nothing about the link, but is a reason to look.
    FARM_NEWS = auto()
    #: A line ticked, a while after the loss of IB.
    TICKED = auto()
    #: IB answered a question.
    ANSWERED = auto()
    #: It is time to ask IB something.
    LOOK_DUE = auto()
    PORT_MOVED = auto()
    STOP = auto()


class Action(Enum):
    """What a transition asks for."""

    #: Drop every line.
    LINES_GONE = auto()
    #: Send nothing more for now.
    PAUSE = auto()
    #: Poll, and open the lines that are missing.
    RESUME = auto()
    #: Ask something that only IB can answer.
    LOOK = auto()


class Step(msgspec.Struct, frozen=True):
    """Name the next state and what to do on the way."""

    state: State
    actions: tuple[Action, ...] = ()


_LOST_CONNECTION = Step(State.WAITING, (Action.PAUSE, Action.LINES_GONE))
_START_OVER = Step(State.READY, (Action.LINES_GONE, Action.RESUME))
_RESUME = Step(State.READY, (Action.RESUME,))
_LOOK = Step(State.BLIND, (Action.LOOK,))

TABLE: Mapping[tuple[State, Event], Step] = {
    (State.DISCONNECTED, Event.START): Step(State.CONNECTING),
    (State.CONNECTING, Event.CONNECTED): _RESUME,
    (State.CONNECTING, Event.FAILED): Step(State.WAITING),
    (State.CONNECTING, Event.DROPPED): Step(State.WAITING),
    (State.CONNECTING, Event.UPSTREAM_LOST): Step(State.CONNECTING_BLIND),
    (State.CONNECTING_BLIND, Event.CONNECTED): _LOOK,
    (State.CONNECTING_BLIND, Event.FAILED): Step(State.WAITING),
    (State.CONNECTING_BLIND, Event.DROPPED): Step(State.WAITING),
    (State.CONNECTING_BLIND, Event.UPSTREAM_BACK): Step(State.CONNECTING),
    (State.CONNECTING_BLIND, Event.UPSTREAM_BACK_EMPTY): Step(State.CONNECTING),
    (State.CONNECTING_BLIND, Event.LINK_WORKS): Step(State.CONNECTING),
    (State.WAITING, Event.RETRY): Step(State.CONNECTING),
    (State.READY, Event.DROPPED): _LOST_CONNECTION,
    (State.READY, Event.SILENT): _LOST_CONNECTION,
    (State.READY, Event.PORT_MOVED): _LOST_CONNECTION,
    (State.READY, Event.UPSTREAM_LOST): Step(State.BLIND, (Action.PAUSE,)),
    (State.READY, Event.UPSTREAM_BACK_EMPTY): _START_OVER,
    (State.READY, Event.UPSTREAM_BACK): _RESUME,
    (State.BLIND, Event.DROPPED): _LOST_CONNECTION,
    (State.BLIND, Event.SILENT): _LOST_CONNECTION,
    (State.BLIND, Event.PORT_MOVED): _LOST_CONNECTION,
    (State.BLIND, Event.UPSTREAM_BACK_EMPTY): _START_OVER,
    (State.BLIND, Event.UPSTREAM_BACK): _RESUME,
    (State.BLIND, Event.LINK_WORKS): _RESUME,
    (State.BLIND, Event.TICKED): _RESUME,
    (State.BLIND, Event.ANSWERED): _RESUME,
    (State.BLIND, Event.FARM_NEWS): _LOOK,
    (State.BLIND, Event.LOOK_DUE): _LOOK,
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
    return min(min(float(1.5 ** min(failures, 10)), 3.0) * (1.0 + 0.2 * jitter), LONGEST_RETRY_S)
