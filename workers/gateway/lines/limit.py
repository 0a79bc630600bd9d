"""Number of lines of the account, as far as known: learnt from TWS's answers, both ways.

Rules:
* The limit is never above what is allowed: the configured lines less the reserve.
* Error 101 lowers it to what is then held, quotes under way included. As those quotes end it
  follows them down: their lines may be the ones that are gone.
* It is tried again while a contract could use more: a single request over the limit. Refused, the
  next try waits; accepted, the next follows at once, until it is refused or nothing is left to ask.
* A refused try shows that the limit still stands, not that a line has gone: nothing follows down.
* What is granted is the limit without the line that is only tried: what people and verdict see.
* What was learnt outlives the connection: the account is the same.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

#: Try a higher limit this often, seconds. One refused request in that time does no harm, and
#: a waiting contract has its line within seconds of its coming free.
PROBE_S = 3.0
#: So often after the limit has stood for a while, seconds.
RARE_PROBE_S = 15.0
#: That while, seconds.
SETTLED_AFTER_S = 300.0


class LineLimit:
    """The limit, and when to try one more."""

    def __init__(self, allowed: int) -> None:
        self.allowed = max(allowed, 0)
        self.known = self.allowed
        self._probe_at = 0.0
        self._learnt_at = 0.0
        self._falling = False
        self._probing = False

    @property
    def granted(self) -> int:
        """Return the limit without a line that is only tried."""
        return self.known - 1 if self._probing else self.known

    def refused(self, used: int, quotes: int, now: float) -> None:
        """Note that TWS has no line beyond those in use, of which this many are quotes."""
        stands = self._probing and used >= self.granted
        if not self._probing:
            self._learnt_at = now
        self.known = min(self.known, max(used, 0))
        self._falling = quotes > 0 and not stands
        self._probing = False
        self._probe_at = now + self._interval_s(now)

    def accepted(self, used: int) -> None:
        """Note that a request was taken: where it was a try, the next may follow."""
        if not self._probing or used < self.known:
            return
        if self.known < self.allowed:
            self.known += 1
        else:
            self._probing = False

    def quote_ended(self, used: int, quotes: int) -> None:
        """Follow the quotes down after a refusal; at rest when none is left."""
        if self._falling:
            self.known = min(self.known, used)
            self._falling = quotes > 0

    def try_more(self, used: int, now: float) -> None:
        """Allow one more, when it is time and all that is known is in use."""
        if used >= self.known < self.allowed and self._probe_at <= now:
            self.known += 1
            self._probing = True
            self._falling = False
            # An answer that never comes is no reason to stop trying.
            self._probe_at = now + self._interval_s(now)

    def _interval_s(self, now: float) -> float:
        return RARE_PROBE_S if now - self._learnt_at > SETTLED_AFTER_S else PROBE_S
