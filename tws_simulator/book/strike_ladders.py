"""Option strikes to build a book from: each contract is taken once."""

from __future__ import annotations

from collections import deque
from typing import Literal

from tws_simulator.instruments.underlying import Underlying

#: Nearest and farthest strikes of puts and calls, as shares of the price.
PUT_NEAR, PUT_FAR = 0.985, 0.55
CALL_NEAR, CALL_FAR = 1.015, 1.6
#: Legs that an iron condor takes of each right.
WING_LEGS = 2


class Shelf:
    """Hold the strikes of one underlying and expiry that are not held yet, nearest first."""

    def __init__(self, underlying: Underlying, expiry: str, spot: float) -> None:
        self.underlying = underlying
        self.expiry = expiry
        step = underlying.strike_step
        # Numbers on the grid of strikes: hundreds, of which few are taken.
        self._puts = deque(_places(step, spot * PUT_NEAR, spot * PUT_FAR))
        self._calls = deque(_places(step, spot * CALL_NEAR, spot * CALL_FAR))

    def wings(self) -> tuple[float, float, float, float] | None:
        """Take long put, short put, short call, long call; None when there are too few."""
        if min(len(self._puts), len(self._calls)) < WING_LEGS:
            return None
        short_put, long_put = self._next(self._puts), self._next(self._puts)
        short_call, long_call = self._next(self._calls), self._next(self._calls)
        return long_put, short_put, short_call, long_call

    def take(self, right: Literal["C", "P"]) -> float | None:
        """Take the nearest strike of one right."""
        places = self._puts if right == "P" else self._calls
        return self._next(places) if places else None

    def _next(self, places: deque[int]) -> float:
        return round(places.popleft() * self.underlying.strike_step, 2)


def _places(step: float, near: float, far: float) -> range:
    """Return the places of strikes on the grid, from near the price outwards; none is zero."""
    first, last = round(near / step), round(far / step)
    if last > first:
        return range(max(first, 1), last + 1)
    return range(first, max(last, 1) - 1, -1)
