"""Statuses on our own clock: ages are right though the process that wrote one has another clock.

Redis gives the age of a status by its own clock. So the time in it, beside ours less that age, says
how far the writer's clock is from ours.

A process that is held up between the two, the writer or the reader, looks like a clock that is
behind. A clock that differs does so in each status: so the smallest difference of the last
`READINGS` statuses is believed.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from slotwise.clocks import CLOCKS_DIFFER

T = TypeVar("T", bound=msgspec.Struct)
#: Statuses of a writer that say together how far its clock is ahead: a machine that holds up three
#: in a row by seconds is hardly one that works.
READINGS = 3
#: Times of a status that ages are computed from.
_TIMES = ("at", "polled_at", "connected_at", "since")


def on_our_clock(status: T, age_s: float, now: datetime) -> tuple[T, timedelta]:
    """Return a status with its times on our clock, and how far the writer's clock is ahead.

    What differs by less than clocks may is left.
    """
    written: Any = status
    ahead = written.at - (now - timedelta(seconds=age_s))
    if abs(ahead) <= CLOCKS_DIFFER:
        return status, timedelta()
    times = {name: getattr(status, name, None) for name in _TIMES}
    shifted = {name: at - ahead for name, at in times.items() if at is not None}
    return msgspec.structs.replace(status, **shifted), ahead


class ClockReadings:
    """How far the clocks of writers are ahead of ours, by each one's last statuses."""

    def __init__(self) -> None:
        #: Of each writer: when its status was written by its own clock, and how far ahead that was.
        self._last: dict[str, deque[tuple[datetime, timedelta]]] = {}

    def note(self, writer: str, written_at: datetime, ahead: timedelta) -> None:
        """Note a reading; one of a status that was read before takes its place."""
        readings = self._last.setdefault(writer, deque(maxlen=READINGS))
        if readings and readings[-1][0] == written_at:
            readings[-1] = written_at, min(readings[-1][1], ahead, key=abs)
        else:
            readings.append((written_at, ahead))

    def apart(self) -> dict[str, float]:
        """Return the writers whose clocks differ, and by how many seconds they are ahead."""
        believed = {
            writer: min((ahead for _, ahead in readings), key=abs)
            for writer, readings in self._last.items()
        }
        return {writer: ahead.total_seconds() for writer, ahead in believed.items() if ahead}
