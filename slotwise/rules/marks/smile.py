"""Slope of an expiry's smile: how implied volatility changes with the strike.

A parabola through the last volatilities of an expiry, in the logarithm of strike over spot, each
weighted by its vega: far strikes have noisy ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt

import msgspec

#: Fewer strikes than this say nothing about a parabola of three coefficients.
ENOUGH = 7
#: The parabola is used as the smile within this many deviations of the spot at expiry, and
#: no further: the wings of real smiles are straight.
REACH = 1.0


class Smile(msgspec.Struct, frozen=True):
    """Slope of a smile at the spot, its change with log-moneyness, and how far it holds."""

    slope: float
    bend: float
    reach: float

    def slope_at(self, strike: float, spot: float) -> float:
        """Return the slope of volatility in the logarithm of the strike."""
        x = min(max(log(strike / spot), -self.reach), self.reach)
        return self.slope + 2.0 * self.bend * x


def fit_smile(points: Sequence[tuple[float, float, float]], spot: float) -> Smile | None:
    """Fit a smile to (strike, volatility, vega) of one expiry; None where they are too few."""
    if not points:
        return None
    # A standard deviation at expiry: volatility x sqrt(years), which vega at the money gives too.
    _, iv, vega = max(points, key=lambda point: point[2])
    reach = REACH * iv * vega * sqrt(6.2832) / spot
    near = [(log(k / spot), v, g) for k, v, g in points if abs(log(k / spot)) <= 1.5 * reach]
    if len(near) < ENOUGH or reach <= 0.0:
        return None
    sums = [0.0] * 5
    right = [0.0] * 3
    for x, v, weight in near:
        u = x / reach
        power = weight
        for i in range(5):
            sums[i] += power
            if i < 3:
                right[i] += power * v
            power *= u
    solution = _solve(sums, right)
    if solution is None:
        return None
    _, first, second = solution
    return Smile(first / reach, second / (reach * reach), reach)


def _solve(sums: Sequence[float], right: Sequence[float]) -> tuple[float, float, float] | None:
    """Solve the normal equations of a parabola; None where strikes do not determine it."""
    a, b, c, d, e = sums  # of the matrix ((a, b, c), (b, c, d), (c, d, e))
    m11, m12, m22 = c * e - d * d, b * e - c * d, a * e - c * c
    determinant = a * m11 - b * m12 + c * (b * d - c * c)
    if abs(determinant) <= 1e-9 * a * a * a:
        return None
    m13, m23, m33 = b * d - c * c, a * d - b * c, a * c - b * b
    r0, r1, r2 = right
    return (
        (m11 * r0 - m12 * r1 + m13 * r2) / determinant,
        (-m12 * r0 + m22 * r1 - m23 * r2) / determinant,
        (m13 * r0 - m23 * r1 + m33 * r2) / determinant,
    )
