"""Statuses on our own clock: ages are right though the process that wrote one has another clock.

Redis gives the age of a status by its own clock. So the time in it, beside ours less that age, says
how far the writer's clock is from ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from slotwise.clocks import CLOCKS_DIFFER

T = TypeVar("T", bound=msgspec.Struct)
#: Times of a status that ages are computed from.
_TIMES = ("at", "polled_at", "connected_at", "since")


def on_our_clock(status: T, age_s: float, now: datetime) -> tuple[T, timedelta]:
    """Return a status with its times on our clock, and how far the writer's clock is ahead.

    What differs by less than clocks may is left.
    """
    written: Any = status
    ahead = written.at - (now - timedelta(seconds=age_s))
    if abs(ahead) <= CLOCKS_DIFFER:
        return status, timedelta()
    times = {name: getattr(status, name, None) for name in _TIMES}
    shifted = {name: at - ahead for name, at in times.items() if at is not None}
    return msgspec.structs.replace(status, **shifted), ahead
