"""What TWS has not answered yet, and so when the next line or quote may be asked for.

Rules:
* The next one is asked for when TWS has answered the last. So a limit that has fallen costs one
  refusal.
* A quote is not waited for beyond `TIMEOUT_S`.
* Neither is a line, if so many were in use before, on this connection: they are there.
* Beyond that the limit is in doubt, and TWS is asked for a sign that it has read the last request
  (`mark`): its refusal would have come before. So a machine that is slow, or a market that says
  nothing, makes it wait, and a refusal is never overtaken.
* A sign that does not come for `MARK_TIMEOUT_S` is not waited for.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Wait this long for its answer before anything else, seconds: what a message takes of the 45
#: that ib_async sends in a second, so that a slow TWS slows nothing down.
TIMEOUT_S = 0.022
#: Wait this long for a sign, seconds: as long as for a ping, after which TWS counts as dead.
MARK_TIMEOUT_S = 4.0


@dataclass(slots=True)
class _Request:
    at: float
    #: How many lines were in use when it was made.
    beside: int
    is_line: bool
    #: Whether TWS is known to have read it.
    is_read: bool = False


class LineGate:
    """Keep which requests are on their way, in the order they were made."""

    def __init__(self) -> None:
        self._asked: dict[int, _Request] = {}
        self._marked_at: float | None = None
        #: Most lines in use that TWS has granted on this connection.
        self._sure = 0

    def line_asked(self, con_id: int, beside: int, now: float) -> None:
        """Note a line that was asked for, beside this many in use."""
        self._note(con_id, _Request(now, beside, is_line=True))
        self._marked_at = None

    def quote_asked(self, con_id: int, beside: int, now: float) -> None:
        """Note a quote that was asked for, beside this many lines in use."""
        self._note(con_id, _Request(now, beside, is_line=False))

    def beside(self, con_id: int) -> int | None:
        """Return how many lines were in use when one was asked for; None for one that was not."""
        request = self._asked.get(con_id)
        return None if request is None else request.beside

    def ended(self, con_id: int) -> bool:
        """Note an answer, or that none is waited for; False where none was."""
        return self._asked.pop(con_id, None) is not None

    def refused(self, con_id: int) -> int:
        """Note that there was no line for it; returns how many were in use, 0 where it is unknown.

        Those that were asked for later counted it among the lines in use, and it was none.
        """
        request = self._asked.get(con_id)
        if request is None:
            return 0
        asked = list(self._asked)
        for later in asked[asked.index(con_id) + 1 :]:
            self._asked[later].beside -= 1
        del self._asked[con_id]
        return request.beside

    def granted(self, used: int) -> None:
        """Note that TWS has granted this many lines together."""
        self._sure = max(self._sure, used)

    def fell(self, limit: int) -> None:
        """Note that there are no more lines than these."""
        self._sure = min(self._sure, limit)

    def marked(self, now: float) -> None:
        """Note that a sign was asked for."""
        self._marked_at = now

    def read(self, until: float) -> None:
        """Note that TWS has read all that was sent until then."""
        for request in self._asked.values():
            request.is_read = request.is_read or request.at <= until

    def needs_mark(self, used: int, now: float) -> bool:
        """Return whether only a sign of TWS helps on."""
        return (
            self._marked_at is None
            and used >= self._sure
            and bool(self._unread_lines())
            and _time_left_s(self._unread_lines(), now) <= 0
        )

    def line_wait_s(self, used: int, now: float) -> float:
        """Return how long a line more than the `used` has to wait yet; 0 when it may go."""
        unread = self._unread_lines()
        if not unread:
            return 0.0
        left_s = _time_left_s(unread, now)
        if left_s > 0 or used < self._sure:
            return left_s
        marked_at = now if self._marked_at is None else self._marked_at
        return max(marked_at + MARK_TIMEOUT_S - now, 0.0)

    def quote_wait_s(self, now: float) -> float:
        """Return how long a quote has to wait yet; 0 when it may go."""
        return _time_left_s(list(self._asked.values()), now)

    def forget(self) -> None:
        """Start over: the connection is new."""
        self._asked.clear()
        self._marked_at = None
        self._sure = 0

    def _note(self, con_id: int, request: _Request) -> None:
        # A contract that is asked for again goes to the end.
        self.ended(con_id)
        self._asked[con_id] = request

    def _unread_lines(self) -> list[_Request]:
        return [r for r in self._asked.values() if r.is_line and not r.is_read]


def _time_left_s(requests: list[_Request], now: float) -> float:
    return max((max(r.at + TIMEOUT_S - now, 0.0) for r in requests), default=0.0)
