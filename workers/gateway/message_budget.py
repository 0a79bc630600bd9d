"""How many messages may still be sent in this second, so that what matters never waits.

TWS takes 50 messages a second and ib_async sends 45; the sender of the 46th waits in its queue,
a cancel and a new line included. So quotes by rotation leave a few free at any time.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from collections import deque

#: Width of the window in which messages are counted, seconds.
WINDOW_S = 1.0
#: Messages ib_async sends within it.
MOST = 45
#: Of these, messages that quotes leave alone: the cancel and the request of an activation.
KEPT_FREE = 2
#: Of these, messages for details of contracts that are not waited for now: less than half,
#: so that quotes go on. 10,000 contracts take some eight minutes, once.
FOR_LOOK_UPS = 20


class MessageBudget:
    """Count what was sent within the last second."""

    def __init__(self, most: int = MOST, kept_free: int = KEPT_FREE) -> None:
        self._most = most
        self._for_quotes = most - kept_free
        self._sent: deque[float] = deque()
        self._quotes: deque[float] = deque()
        self._look_ups: deque[float] = deque()

    def spent(self, now: float) -> None:
        """Note a message."""
        self._forget(now)
        self._sent.append(now)

    def quote_spent(self, now: float) -> None:
        """Note that the message just counted was one for a quote."""
        self._quotes.append(now)

    def look_up_spent(self, now: float) -> None:
        """Note that a message is about to be sent for a look-up in the background."""
        self._look_ups.append(now)

    def look_up_at(self, now: float) -> float:
        """Return from when on a look-up in the background may be sent."""
        self._forget(now)
        over = len(self._look_ups) - FOR_LOOK_UPS
        own = now if over < 0 else self._look_ups[over] + WINDOW_S
        return max(own, self._room_at(self._for_quotes, now))

    def quote_at(self, now: float) -> float:
        """Return from when on a quote may be asked for."""
        return self._room_at(self._for_quotes, now)

    def line_at(self, now: float, messages: int = 1) -> float:
        """Return when this many messages for a line would not wait in ib_async's queue."""
        return self._room_at(self._most - (messages - 1), now)

    def _room_at(self, most: int, now: float) -> float:
        self._forget(now)
        over = len(self._sent) - most
        return now if over < 0 else self._sent[over] + WINDOW_S

    def left_for_quotes(self, now: float) -> int:
        """Return how many quotes a second the other messages leave room for, as things are."""
        self._forget(now)
        return self._for_quotes - (len(self._sent) - len(self._quotes))

    def _forget(self, now: float) -> None:
        for times in (self._sent, self._quotes, self._look_ups):
            while times and times[0] <= now - WINDOW_S:
                times.popleft()
