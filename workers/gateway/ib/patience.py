"""How long each kind of answer is waited for."""

from __future__ import annotations

import msgspec


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the waits, all in seconds.

    Requests may wait behind a hundred others, of which ib_async sends 45 a second.
    """

    #: An answer of positions is given up when no row of it comes for this long.
    positions_s: float = 10.0
    details_s: float = 15.0
    bars_s: float = 15.0
    executions_s: float = 15.0
    #: After a ping the peer must say something, whatever it is.
    ping_s: float = 4.0
    #: A socket is given this long to close before it is cut.
    close_s: float = 2.0
