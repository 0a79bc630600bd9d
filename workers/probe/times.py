"""How long each step of a probe waits."""

from __future__ import annotations

import msgspec


class ProbeTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Waits in seconds."""

    #: Between two messages: 20 a second, since TWS takes 50 and other clients may be at work.
    gap_s: float = 0.05
    #: A connection is waited for.
    connect_s: float = 15.0
    #: TWS sends its first notices after the greeting.
    greeting_s: float = 2.0
    #: Between polls of positions: as often as the fastest setting polls.
    poll_s: float = 5.0
    #: A stream: bid and ask come in 0.14 s, a computation within one (measured on a TWS in
    #: September 2026).
    stream_s: float = 4.0
    #: A snapshot: of options it takes 11 to 12 s (same source).
    snapshot_s: float = 15.0
    #: A refusal of a line: it comes from IB, not from TWS.
    refusal_s: float = 1.0
    #: An account's marks: IB sends them every three minutes (its documentation).
    marks_s: float = 190.0
