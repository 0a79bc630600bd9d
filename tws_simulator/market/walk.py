"""A walk that is a function of time.

A random walk by steps would need to have walked from the beginning to know a price; then a
restarted simulator, a historical bar and a live tick would disagree. Instead, noise of many
periods is added up: each octave is drawn at its knots and runs straight between them, and has
four times the period and twice the height of the one before. That moves like a random walk over
all times between the shortest and the longest period, and goes nowhere beyond.
"""

from __future__ import annotations

from math import sqrt

from tws_simulator.market.noise import key_of, noise

#: Seconds in a year in which US stocks trade: 252 days of 6.5 hours. Prices move at the pace of
#: a session at all times.
TRADING_YEAR_S = 252 * 6.5 * 3600
#: Period of the first octave, seconds, and how many there are: the last one has three days.
SHORTEST_S = 0.25
OCTAVES = 11
#: How the period grows from one octave to the next.
RATIO = 4
#: Height of an octave of a period of one second, per unit of volatility. Measured: with it the
#: moves between one second and one hour have the volatility asked for.
HEIGHT = 1.24


class _Octave:
    __slots__ = ("_at", "_from", "_height", "_key", "_slope", "period")

    def __init__(self, key: int, period: float, height: float) -> None:
        self._key = key
        self.period = period
        self._height = height
        self._at: int | None = None
        self._from = self._slope = 0.0

    def value(self, t: float) -> float:
        position = t / self.period
        knot = int(position)
        if knot != self._at:
            self._at = knot
            self._from = noise(self._key, knot) * self._height
            self._slope = noise(self._key, knot + 1) * self._height - self._from
        return self._from + self._slope * (position - knot)


class Walk:
    """Give the logarithm of a price relative to where it starts, with a volatility per year."""

    def __init__(self, vol: float, *name: object) -> None:
        pace = vol * HEIGHT / sqrt(TRADING_YEAR_S)
        periods = [SHORTEST_S * RATIO**n for n in range(OCTAVES)] if vol else []
        self._octaves = [
            _Octave(key_of("walk", *name, period), period, pace * sqrt(period))
            for period in periods
        ]
        self._t = -1.0
        self._value = 0.0

    def value(self, t: float) -> float:
        """Return the walk at unix time `t`, seconds."""
        # Contracts on one underlying ask for the same instant one after another.
        if t != self._t:
            self._t = t
            self._value = sum([octave.value(t) for octave in self._octaves])
        return self._value
