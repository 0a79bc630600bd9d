"""Who may have market data: another session of the user, or a permission that is not there.

Rules:
* Error 10197 says that another session of the user has the market data. From then on one contract
  is asked for every `TRY_S`, of lines and quotes together, to see whether it is over; all others
  wait. LEAN's IB brokerage #140: users meet this whenever they log in elsewhere.
* It is over when a tick comes of something that was asked for since; where TWS named no request,
  so that lines are still open, a tick of any line, `ON_THEIR_WAY_S` after.
* A contract is without permission from its refusal until its data comes.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from collections.abc import Collection

from workers.gateway.broker import Cause

#: While another session has the data one contract is asked for this often, seconds, so that its end
#: is found within this. One message of the 45 a second that may be sent; 100 lines would be 200.
TRY_S = 1.0
#: Ticks may have been on their way for this long, seconds.
ON_THEIR_WAY_S = 5.0


class DataAccess:
    """The newest notice of TWS on the right to market data."""

    def __init__(self) -> None:
        #: Contracts that were refused for want of a permission.
        self.denied: set[int] = set()
        #: Since when another session has the data; None while none has.
        self.competing_since: float | None = None
        #: When the last such session ended; None where none has.
        self.back_at: float | None = None
        self._lines_are_open = False
        self._tried_at = 0.0

    @property
    def is_taken(self) -> bool:
        """Return True while another session has the data."""
        return self.competing_since is not None

    def refused(self, con_id: int | None, cause: Cause, now: float) -> None:
        """Note a refusal; no contract is named where TWS named no request."""
        if cause is Cause.COMPETING:
            if self.competing_since is None:
                self.competing_since = self._tried_at = now
                self._lines_are_open = False
            self._lines_are_open = self._lines_are_open or con_id is None
        elif cause is Cause.PERMISSION and con_id is not None:
            self.denied.add(con_id)

    def came(self, con_id: int, asked_at: float, now: float) -> None:
        """Note that data of a contract came, for a request made then."""
        self.denied.discard(con_id)
        since = self.competing_since
        if since is None:
            return
        on_old_line = self._lines_are_open and now - since >= ON_THEIR_WAY_S
        if asked_at > since or on_old_line:
            self.competing_since = None
            self.back_at = now

    def may_ask(self, now: float) -> bool:
        """Return True where a request may be made now; while the data is taken, one each time."""
        if self.competing_since is None:
            return True
        if now - self._tried_at < TRY_S:
            return False
        self._tried_at = now
        return True

    def keep_only(self, con_ids: Collection[int]) -> None:
        """Remove contracts whose data is not wanted."""
        self.denied.intersection_update(con_ids)

    def forget(self) -> None:
        """Start over: the connection is new."""
        self.competing_since = None
        self.denied.clear()
