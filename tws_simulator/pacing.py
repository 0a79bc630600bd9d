"""How fast requests are worked off: TWS delays what comes faster than it allows."""

from __future__ import annotations

from collections import deque

#: Width of the window in which messages are counted, seconds.
WINDOW_S = 1.0


class Pacer:
    """Allow so many messages within any second; 0 allows all."""

    def __init__(self, messages_per_s: int) -> None:
        self._limit = messages_per_s
        self._taken: deque[float] = deque(maxlen=messages_per_s or None)

    def take(self, now: float) -> bool:
        """Count a message, if there is room for it now."""
        if self.ready_at(now) > now:
            return False
        if self._limit:
            self._taken.append(now)
        return True

    def ready_at(self, now: float) -> float:
        """Return when there is room for the next message, unix seconds."""
        if not self._limit or len(self._taken) < self._limit:
            return now
        return max(now, self._taken[0] + WINDOW_S)
