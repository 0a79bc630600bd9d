"""How long each kind of answer is waited for."""

from __future__ import annotations

import msgspec


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the waits, all in seconds.

    Requests may wait behind a hundred others, of which ib_async sends 45 a second.
    """

    #: An answer of positions is given up when no row of it comes for this long.
    positions_s: float = 10.0
    #: After TWS has remarked that positions are not available, or an end came that may have been of
    #: an earlier request: TWS sends the rest of an answer within milliseconds.
    remarked_s: float = 1.0
    details_s: float = 15.0
    bars_s: float = 15.0
    executions_s: float = 15.0
    account_s: float = 10.0
    #: An account summary comes within a second, or not at all while TWS logs in.
    summary_s: float = 15.0
    #: After a ping the peer must say something, whatever it is.
    ping_s: float = 4.0
    #: A socket is given this long to close before it is cut.
    close_s: float = 2.0
