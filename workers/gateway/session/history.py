"""What became of the session lately, for people: bounded, and without the noise of tries."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from slotwise.bus.status import SessionChange
from workers.gateway.session.states import State

#: Changes kept: two bad nights of a loss and a return, and little enough to publish each second.
KEPT = 12


class SessionHistory:
    """Keep the last changes, oldest first.

    Tries to connect are no change: those that fail one after another are counted in the change
    that began them, with the newest reason.
    """

    def __init__(self) -> None:
        self._changes: deque[SessionChange] = deque(maxlen=KEPT)

    def note(self, state: State, reason: str, at: datetime) -> None:
        """Take down where the session stands now."""
        if state is State.CONNECTING:
            return
        times = 1
        if self._changes:
            last = self._changes[-1]
            if last.state == state.value == State.WAITING.value:
                self._changes.pop()
                at, times = last.at, last.times + 1
            elif (last.state, last.reason) == (state.value, reason):
                return
        self._changes.append(SessionChange(at=at, state=state.value, reason=reason, times=times))

    def all(self) -> tuple[SessionChange, ...]:
        """Return the changes, oldest first."""
        return tuple(self._changes)
