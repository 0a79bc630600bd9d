"""The clock of marks: seconds since 1970 when the gateway began, and a steady clock since then.

Ages and orders of marks must not change where the clock is set, and must count the hours
in which a machine slept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.marked import Marked


def _counted() -> float:
    """Return seconds of a clock that is never set and, where there is one, counts sleep."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class SteadyTime:
    """Seconds that grow evenly, and the machine's own times on their scale."""

    def __init__(
        self, counted: Callable[[], float] = _counted, wall: Callable[[], float] = time.time
    ) -> None:
        self._counted = counted
        self._wall = wall
        self._begin = wall() - counted()

    def now(self) -> float:
        """Return the time of now."""
        return self._begin + self._counted()

    def ahead_s(self) -> float:
        """Return how far the machine's clock was set ahead since the beginning, seconds."""
        return self._wall() - self.now()

    def of(self, moment: datetime) -> float:
        """Return the time of a moment of the machine's clock, by how long ago it is now."""
        return moment.timestamp() - self.ahead_s()

    def marked(self, mark: Mark) -> Marked:
        """Return a mark with its times as moments of the machine's clock of now."""

        def moment(at_s: float | None) -> datetime | None:
            return None if at_s is None else self.moment(at_s)

        return Marked(
            mark.con_id,
            self.moment(mark.at_s),
            mark.value,
            mark.band,
            mark.source,
            moment(mark.quoted_at_s),
            moment(mark.greeks_at_s),
            moment(mark.underlying_at_s),
            mark.delayed,
        )

    def moment(self, at_s: float) -> datetime:
        """Return a time as a moment of the machine's clock of now."""
        return datetime.fromtimestamp(at_s + self.ahead_s(), UTC)
