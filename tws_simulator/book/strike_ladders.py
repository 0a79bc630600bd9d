"""Option strikes to build a book from: each contract is taken once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import count, takewhile
from typing import Literal

from tws_simulator.instruments.underlying import Underlying

#: Nearest and farthest strikes of puts and calls, as shares of the price.
PUT_NEAR, PUT_FAR = 0.985, 0.55
CALL_NEAR, CALL_FAR = 1.015, 1.6
#: Legs that an iron condor takes of each right.
WING_LEGS = 2


class Shelf:
    """Hold the strikes of one underlying and expiry that nobody holds yet, nearest first."""

    def __init__(self, underlying: Underlying, expiry: str, spot: float) -> None:
        self.underlying = underlying
        self.expiry = expiry
        self._puts = deque(_strikes(underlying.strike_step, spot * PUT_NEAR, spot * PUT_FAR))
        self._calls = deque(_strikes(underlying.strike_step, spot * CALL_NEAR, spot * CALL_FAR))

    def wings(self) -> tuple[float, float, float, float] | None:
        """Take long put, short put, short call, long call; None when there are too few."""
        if min(len(self._puts), len(self._calls)) < WING_LEGS:
            return None
        short_put, long_put = self._puts.popleft(), self._puts.popleft()
        short_call, long_call = self._calls.popleft(), self._calls.popleft()
        return long_put, short_put, short_call, long_call

    def take(self, right: Literal["C", "P"]) -> float | None:
        """Take the nearest strike of one right."""
        strikes = self._puts if right == "P" else self._calls
        return strikes.popleft() if strikes else None


def _strikes(step: float, near: float, far: float) -> Iterator[float]:
    """List strikes on the grid from near the price outwards."""
    first, last = round(near / step), round(far / step)
    direction = 1 if last > first else -1
    grid = takewhile(lambda n: (last - n) * direction >= 0, count(first, direction))
    return (round(n * step, 2) for n in grid if n > 0)
