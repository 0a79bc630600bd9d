"""Option values by Black and Scholes, with the volatility of a smile."""

from __future__ import annotations

from math import erf, exp, log, pi, sqrt
from typing import Literal, NamedTuple

#: Interest per year, continuously compounded; about what a US Treasury bill pays.
RATE = 0.04
#: Shortest time to expiry that is priced, years: one minute, so that nothing divides by zero.
MIN_YEARS = 60 / (365 * 86_400)
#: Days of a year, for theta per day.
YEAR_DAYS = 365

_SQRT_2 = sqrt(2)
_SQRT_2PI = sqrt(2 * pi)

#: Shape of the smile in standard deviations of moneyness: puts are dearer (skew), both wings are
#: (curve), within these bounds. Plausible for equity indices.
SKEW, CURVE, WING = 0.10, 0.025, 3.0
#: Lowest volatility of the smile, of the one at the money.
FLOOR = 0.5


class Greeks(NamedTuple):
    """Hold what TWS sends of an option: vega per volatility point, theta per day."""

    iv: float
    delta: float
    price: float
    gamma: float
    vega: float
    theta: float
    under: float


def smile(vol: float, spot: float, strike: float, years: float) -> float:
    """Return the volatility of a strike."""
    moneyness = log(strike / spot) / (vol * sqrt(max(years, MIN_YEARS)))
    x = max(-WING, min(WING, moneyness))
    return vol * max(FLOOR, 1 - SKEW * x + CURVE * x * x)


def _normal(x: float) -> float:
    return 0.5 * (1.0 + erf(x / _SQRT_2))


def value(right: Literal["C", "P"], spot: float, strike: float, years: float, vol: float) -> float:
    """Price a European option."""
    years = max(years, MIN_YEARS)
    spread = vol * sqrt(years)
    d1 = (log(spot / strike) + (RATE + vol * vol / 2) * years) / spread
    d2 = d1 - spread
    discounted = strike * exp(-RATE * years)
    if right == "C":
        return spot * _normal(d1) - discounted * _normal(d2)
    return discounted * _normal(-d2) - spot * _normal(-d1)


def greeks(
    right: Literal["C", "P"], spot: float, strike: float, years: float, vol: float
) -> Greeks:
    """Return the price of a European option and how the price moves."""
    years = max(years, MIN_YEARS)
    root = sqrt(years)
    spread = vol * root
    d1 = (log(spot / strike) + (RATE + vol * vol / 2) * years) / spread
    d2 = d1 - spread
    density = exp(-d1 * d1 / 2) / _SQRT_2PI
    discounted = strike * exp(-RATE * years)
    sign = 1.0 if right == "C" else -1.0
    in_money, exercised = _normal(sign * d1), _normal(sign * d2)
    carry = -sign * RATE * discounted * exercised
    return Greeks(
        iv=vol,
        delta=sign * in_money,
        price=sign * (spot * in_money - discounted * exercised),
        gamma=density / (spot * spread),
        vega=spot * density * root / 100,
        theta=(-spot * density * vol / (2 * root) + carry) / YEAR_DAYS,
        under=spot,
    )
