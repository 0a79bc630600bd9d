"""Skew stickiness: how far volatility follows the spot along its smile, learnt within bounds.

With a stickiness of 1 the volatility of a strike stays; with 0 that of a moneyness does; at 2 it
moves twice as far along the smile as with a fixed strike, which is the limit of models
where volatility is a function of spot (Bergomi, 2009). Index options show about 1.5.

The change of a strike's volatility is (stickiness - 1) x slope x log-return of the spot. Each quote
of a contract shows one change, and the least squares of all of them, older ones counting less,
give the stickiness.
"""

from __future__ import annotations

from math import exp

import msgspec

#: What it is before anything was learnt, and the bounds.
FIRST, LOWEST, HIGHEST = 1.5, 0.0, 2.0
#: Weight of the first value: as much as this many moves of the size of their spread's noise.
PRIOR = 40.0
#: Newer observations count more: the weight of all falls by e in this many. An underlying with
#: a hundred contracts, quoted every eight minutes, is remembered for a day or so.
MEMORY = 1000.0
#: A volatility that moved by more than this share of itself between two quotes is an outlier, of
#: which only this much counts.
LARGEST_MOVE = 0.05


class Stickiness(msgspec.Struct, frozen=True):
    """The sums of the least squares, for one underlying."""

    covariance: float = 0.0
    variance: float = 0.0

    @property
    def value(self) -> float:
        """Return the stickiness, within its bounds."""
        ratio = (PRIOR * (FIRST - 1.0) + self.covariance) / (PRIOR + self.variance)
        return min(max(1.0 + ratio, LOWEST), HIGHEST)

    def learn(self, along: float, moved: float, iv: float, precision: float) -> Stickiness:
        """Return the sums after one more change of a volatility.

        `along` is slope x log-return, `moved` the change of volatility, `precision` the inverse of
        the volatility that half a spread is worth.
        """
        limit = LARGEST_MOVE * iv
        moved = min(max(moved, -limit), limit)
        weight = precision * precision
        kept = exp(-1.0 / MEMORY)
        return Stickiness(
            kept * self.covariance + weight * along * moved,
            kept * self.variance + weight * along * along,
        )
