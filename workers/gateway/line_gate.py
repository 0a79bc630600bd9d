"""When the next line may be asked for, so that a limit that has fallen costs one refusal.

Rules:
* The next line is asked for when TWS has answered the last.
* Where it has not for `PATIENCE_S`, the next goes as well if so many lines were in use before, on
  this connection: they are there.
* Beyond that the limit is in doubt, and TWS is asked for a sign that it has read the last request
  (`mark`): its refusal would have come before. So a machine that is slow, or a market that says
  nothing, makes it wait, and a refusal is never overtaken.
* A sign that does not come for `MARK_PATIENCE_S` is not waited for.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

#: Wait so long for the answer to one line before anything else, seconds: what a message takes of
#: the 45 that ib_async sends in a second, so that a slow TWS slows nothing down.
PATIENCE_S = 0.022
#: Wait so long for a sign, seconds: as long as for a ping, after which TWS is taken for dead.
MARK_PATIENCE_S = 4.0


class LineGate:
    """Keep which requests TWS has not answered yet."""

    def __init__(self) -> None:
        #: When lines were asked for that TWS has not answered yet.
        self._asked: dict[int, float] = {}
        #: Those of them that TWS is known to have read.
        self._read: set[int] = set()
        self._marked_at: float | None = None
        #: Most lines in use that TWS has granted on this connection.
        self._sure = 0

    def asked(self, con_id: int, now: float) -> None:
        """Note a line that was asked for."""
        self._asked[con_id] = now
        self._read.discard(con_id)
        self._marked_at = None

    def answered(self, con_id: int) -> bool:
        """Note an answer; True where it was waited for."""
        self._read.discard(con_id)
        return self._asked.pop(con_id, None) is not None

    def granted(self, used: int) -> None:
        """Note that TWS has granted so many lines together."""
        self._sure = max(self._sure, used)

    def refused(self, limit: int) -> None:
        """Note that there are no more lines than these."""
        self._sure = min(self._sure, limit)

    def marked(self, now: float) -> None:
        """Note that a sign was asked for."""
        self._marked_at = now

    def read(self, until: float) -> None:
        """Note that TWS has read all that was sent until then."""
        self._read.update(con_id for con_id, at in self._asked.items() if at <= until)

    def needs_mark(self, used: int, now: float) -> bool:
        """Tell whether only a sign of TWS helps on."""
        return (
            self._marked_at is None
            and used >= self._sure
            and bool(self._unread())
            and self._patience_left_s(now) <= 0
        )

    def wait_s(self, used: int, now: float) -> float:
        """Tell how long one more than the `used` has to wait yet; 0 when it may go."""
        if not self._unread():
            return 0.0
        left_s = self._patience_left_s(now)
        if left_s > 0 or used < self._sure:
            return max(left_s, 0.0)
        marked_at = now if self._marked_at is None else self._marked_at
        return max(marked_at + MARK_PATIENCE_S - now, 0.0)

    def forget(self) -> None:
        """Start over: the connection is new."""
        self._asked.clear()
        self._read.clear()
        self._marked_at = None
        self._sure = 0

    def _unread(self) -> list[float]:
        return [at for con_id, at in self._asked.items() if con_id not in self._read]

    def _patience_left_s(self, now: float) -> float:
        return max((at + PATIENCE_S - now for at in self._unread()), default=0.0)
