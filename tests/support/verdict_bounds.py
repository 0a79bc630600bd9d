"""How soon each state is named after its cause began, and left after its cause has ended.

Rules:
* The gateway publishes each second, the boards are read each second, and the monitor looks each
  second: `LOOKS_S` together. A cause that shows at once has no more than that.
* What is seen by a poll, by beats, or by asking workers, Redis or the lake takes as much longer.
* On a machine that is not overloaded, with a monitor that runs; sent `HOLD_S` later (`changes`).

The column of the table in docs/operations.md is made from these rows, and the walks of the tests
hold them against the running system.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from workers.gateway.verdict_watch import LOOKS_S


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A bound: polls and beats of the settings, and seconds."""

    seconds: float = LOOKS_S
    polls: float = 0.0
    beats: float = 0.0

    def within_s(self, poll_s: float, beat_s: float) -> float:
        """Return the bound in seconds for these settings."""
        return self.polls * poll_s + self.beats * beat_s + self.seconds

    def words(self) -> str:
        """Return the bound in words: `3 s`, `4 beats + 3 s`."""
        parts = []
        for number, one in ((self.polls, "poll"), (self.beats, "beat")):
            if number:
                parts.append(f"{number:g} {one}{'' if number == 1 else 's'}")
        return " + ".join([*parts, f"{self.seconds:g} s"])


#: Redis's own report is read every 5 s.
_REPORT = Bound(seconds=LOOKS_S + 5)
#: Workers are asked every 10 s, and have 2 s to answer.
_WORKERS = Bound(seconds=LOOKS_S + 12)
#: Report, breaks, items and disk are read from the lake every 10 s.
_LAKE = Bound(seconds=LOOKS_S + 10)

#: A monitor is missed after 10 s.
_MONITOR = Bound(seconds=LOOKS_S + 10)

#: State -> its bound; every other state has `LOOKS_S`.
BOUNDS: Mapping[str, Bound] = {
    # A Redis that hangs is waited for 3 s.
    "redis_away": Bound(seconds=LOOKS_S + 3),
    "redis_memory": _REPORT,
    "redis_replica": _REPORT,
    "redis_disk": _REPORT,
    "redis_eviction": _REPORT,
    "clocks": _REPORT,
    # A status is missed after 15 s.
    "gateway_away": Bound(seconds=LOOKS_S + 15),
    # A peer that says nothing is found by its heartbeat within 6.5 s.
    "tws_unreachable": Bound(seconds=LOOKS_S + 6.5),
    # The session is made again and TWS asked for its accounts, for 5 s at most.
    "tws_not_logged_in": Bound(seconds=LOOKS_S + 7),
    "positions_unknown": Bound(polls=1),
    "positions_late": Bound(polls=2, seconds=LOOKS_S + 15),
    # The rotation has to come to the contract.
    "not_permitted": Bound(seconds=LOOKS_S + 5),
    # A line has to be silent beyond chance, or three quotes of 3 s each empty.
    "farm_down": Bound(seconds=LOOKS_S + 7),
    # A request has 5 s until its first tick.
    "legs_unseen": Bound(seconds=LOOKS_S + 5),
    "legs_without_line": Bound(seconds=LOOKS_S + 5),
    "prices_silent": Bound(seconds=LOOKS_S + 5),
    "prices_late": Bound(seconds=LOOKS_S + 5),
    "lake_trouble": Bound(beats=2),
    "lake_worker_away": _WORKERS,
    "poll_workers_away": _WORKERS,
    "workers_unknown": _WORKERS,
    "beat_away": Bound(beats=4),
    "landing_late": Bound(beats=4),
    "rows_late": Bound(beats=12),
    "breaks": _LAKE,
    "book_stale": _LAKE,
    "book_unknown": _LAKE,
    "book_late": _LAKE,
    "failed_items": _LAKE,
    "set_aside": _LAKE,
    # From a call's beginning.
    "handler_hangs": Bound(seconds=LOOKS_S + 60),
    "disk_low": _LAKE,
    "monitor_away": _MONITOR,
}


def bound_of(state: str) -> Bound:
    """Return the bound of a state."""
    return BOUNDS.get(state, Bound())
