"""A first mark of an option that was never quoted: by the volatility of the strikes beside it.

Neighbours are options of the same underlying, expiry and right. Their volatilities are taken from
their own prices with the underlying as the forward, so that dividends, rates and early exercise are
in them, as far as neighbours share these.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import sqrt

import msgspec

from slotwise.rules.marks.black76 import price

#: How far the nearest quoted strike may be where only one side has one, as a share of the
#: underlying: about the distance over which a smile of a month stays a straight line.
FARTHEST = 0.05
#: Standard deviation of a volatility that is carried over from one strike, a unit of log-strike:
#: slopes of smiles reach 1, and which one holds is not known.
SLOPE = 1.0


class Neighbour(msgspec.Struct, frozen=True):
    """A strike with the volatility its own price has, half its spread, and how old that is."""

    strike: float
    iv: float
    half_spread: float
    at_s: float


class FirstMark(msgspec.Struct, frozen=True):
    """A price, its standard deviation before learnt factors, and the time of the oldest part."""

    value: float
    deviation: float
    at_s: float


def first_mark(
    strike: float, call: bool, years: float, spot: float, beside: Sequence[Neighbour]
) -> FirstMark | None:
    """Return the mark by neighbours, which are sorted by strike; None where none is near."""
    at = bisect_left(beside, strike, key=lambda neighbour: neighbour.strike)
    below = beside[at - 1] if at > 0 else None
    above = beside[at] if at < len(beside) else None
    if below is not None and above is not None:
        share = (strike - below.strike) / (above.strike - below.strike)
        iv = below.iv + share * (above.iv - below.iv)
        # A straight line between two points is wrong by a part of how far they are apart.
        unsure = abs(above.iv - below.iv) / 2.0
        wide, at_s = max(below.half_spread, above.half_spread), min(below.at_s, above.at_s)
    else:
        nearest = below if below is not None else above
        if nearest is None or abs(nearest.strike - strike) > FARTHEST * spot:
            return None
        iv = nearest.iv
        unsure = SLOPE * abs(nearest.strike - strike) / spot
        wide, at_s = nearest.half_spread, nearest.at_s
    value = price(spot, strike, years, iv, call=call)
    worth = price(spot, strike, years, iv + unsure, call=call) - value
    return FirstMark(value, sqrt(wide * wide + worth * worth), at_s)
