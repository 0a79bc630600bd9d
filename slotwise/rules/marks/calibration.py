"""Factors of the bands, learnt from the misses of earlier marks.

Each quote is a free test of the mark of its moment. Three factors follow the misses:

* the scale of an underlying: how large the misses of all its contracts are beside the standard
  deviations that were expected. It learns from every quote, so within minutes of a start;
* one a contract: the same of its own misses, beside those of all, shrunk towards 1 while it has few
  quotes;
* the coverage of an underlying: raised by a miss outside the band and lowered by one inside, so
  that 95 of 100 are inside in the long run whatever the market does (adaptive conformal inference,
  Gibbs and Candès, 2021).

A band is the standard deviation times all three.
"""

from __future__ import annotations

from math import exp, log

import msgspec

#: Share of true prices that a band is asked to hold.
COVERAGE = 0.95
#: The factor of coverage at first, that of a normal distribution.
FIRST = 1.96
#: Steps of the logarithms of coverage and scale: at first, and later on, when they follow the hours
#: of a day. In between they fall with the number of quotes. The scale settles at a memory of 500
#: quotes: misses of one underlying are alike, and a shorter one would follow single moves.
FIRST_STEP, STEP, SETTLES_AFTER = 0.15, 0.03, 20.0
SCALE_FIRST_STEP, SCALE_STEP = 0.05, 0.002
#: Step of the logarithm of a contract's factor, and how much of it is kept from quote to quote: it
#: remembers about 50, a session of eight-minute quotes.
OWN_STEP, OWN_KEPT = 0.06, 0.98
#: A miss of more than three standard deviations counts as three: one odd quote teaches little.
LARGEST = 9.0
#: Bounds of each factor, as logarithms: a hundredth and a hundred times.
BOUND = log(100.0)


class Calibration(msgspec.Struct, frozen=True):
    """What was learnt of a contract or an underlying: a factor, and from how many quotes.

    It can be kept across a restart.
    """

    logarithm: float = 0.0
    quotes: int = 0

    @property
    def factor(self) -> float:
        """Return the factor."""
        return exp(self.logarithm)


#: What an underlying begins with.
FIRST_CALIBRATION = Calibration(log(FIRST))


def learnt_scale(before: Calibration, miss: float, deviation: float) -> Calibration:
    """Return an underlying's scale after a miss, where `deviation` was expected before factors."""
    ratio = min((miss / (deviation * before.factor)) ** 2, LARGEST)
    moved = _step(SCALE_FIRST_STEP, SCALE_STEP, before.quotes) * (ratio - 1.0)
    return Calibration(_bound(before.logarithm + moved), before.quotes + 1)


def learnt_of_contract(before: Calibration, miss: float, deviation: float) -> Calibration:
    """Return a contract's factor after a miss, where `deviation` was expected without it."""
    ratio = min((miss / (deviation * before.factor)) ** 2, LARGEST)
    logarithm = OWN_KEPT * before.logarithm + OWN_STEP * (ratio - 1.0)
    return Calibration(_bound(logarithm), before.quotes + 1)


def learnt_coverage(before: Calibration, miss: float, band: float) -> Calibration:
    """Return the factor of coverage after a miss, where `band` was promised."""
    moved = _step(FIRST_STEP, STEP, before.quotes) * (
        COVERAGE if abs(miss) > band else COVERAGE - 1.0
    )
    return Calibration(_bound(before.logarithm + moved), before.quotes + 1)


def _step(first: float, last: float, quotes: int) -> float:
    return max(first / (1.0 + quotes / SETTLES_AFTER), last)


def _bound(logarithm: float) -> float:
    return min(max(logarithm, -BOUND), BOUND)
