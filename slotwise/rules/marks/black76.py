"""Prices, greeks and implied volatility of a European option on a forward (Black, 1976).

Marks do not need it where the broker sends greeks with its quotes. It serves options whose quote
came without them, and first marks from neighbours. An index or a stock counts as its own forward,
and nothing is discounted: both are small against the spread for the options that need it.
"""

from __future__ import annotations

from math import erfc, exp, isfinite, log, pi, sqrt

import msgspec

#: Volatilities that are looked for, a year: above 1,000 % the price does not determine it.
LOWEST, HIGHEST = 1e-4, 10.0
#: Steps until the interval of a bisection is shorter than a float can show.
STEPS = 100
#: The volatility is found when its price is this near, as a share of the underlying's price.
NEAR = 1e-12
_SQRT_2 = sqrt(2.0)
_SQRT_2_PI = sqrt(2.0 * pi)


class Greeks(msgspec.Struct, frozen=True, kw_only=True):
    """Sensitivities of one option's price.

    `delta` and `gamma` are for 1 of the underlying's price, `vega` for a volatility of 1.00 (that
    of a quote is for 0.01), `theta` for a day of the calendar.
    """

    iv: float
    delta: float
    gamma: float
    vega: float
    theta: float


def price(forward: float, strike: float, years: float, iv: float, *, call: bool) -> float:
    """Compute the price of an option, undiscounted."""
    sign = 1.0 if call else -1.0
    spread = iv * sqrt(years)
    if spread <= 0.0:
        return max(sign * (forward - strike), 0.0)
    d1 = log(forward / strike) / spread + spread / 2.0
    d2 = d1 - spread
    return sign * (forward * _normal(sign * d1) - strike * _normal(sign * d2))


def greeks(forward: float, strike: float, years: float, iv: float, *, call: bool) -> Greeks:
    """Compute the sensitivities of an option, undiscounted; needs time and volatility."""
    sign = 1.0 if call else -1.0
    root = sqrt(years)
    spread = iv * root
    d1 = log(forward / strike) / spread + spread / 2.0
    density = exp(-d1 * d1 / 2.0) / _SQRT_2_PI
    return Greeks(
        iv=iv,
        delta=sign * _normal(sign * d1),
        gamma=density / (forward * spread),
        vega=forward * density * root,
        theta=-forward * density * iv / (2.0 * root) / 365.0,
    )


def implied_volatility(
    target: float, forward: float, strike: float, years: float, *, call: bool
) -> float | None:
    """Return the volatility at which an option has a price; None where there is none.

    A Newton step that leaves the interval known to hold the answer is replaced by its middle, so
    it always ends.
    """
    values = (target, forward, strike, years)
    if not all(isfinite(value) for value in values) or min(forward, strike, years) <= 0.0:
        return None
    low, high = LOWEST, HIGHEST
    if not (
        price(forward, strike, years, low, call=call)
        < target
        < price(forward, strike, years, high, call=call)
    ):
        return None
    # Where vega is highest Newton's steps cannot overshoot (Manaster and Koehler, 1982).
    iv = min(max(sqrt(2.0 * abs(log(forward / strike)) / years), 0.1), 2.0)
    for _ in range(STEPS):
        miss = price(forward, strike, years, iv, call=call) - target
        if abs(miss) <= NEAR * forward:
            return iv
        low, high = (low, iv) if miss > 0.0 else (iv, high)
        slope = greeks(forward, strike, years, iv, call=call).vega
        step = iv - miss / slope if slope > 0.0 else low
        iv = step if low < step < high else (low + high) / 2.0
    return iv


def quote_greeks(
    bid: float, ask: float, forward: float, strike: float, years: float, *, call: bool
) -> Greeks | None:
    """Return the greeks at the middle of a market; None where no volatility explains it.

    A middle at or below the value of immediate exercise has no volatility of its own. Where the ask
    is not below that value, the option moves like what it is exercised into.
    """
    middle = (bid + ask) / 2.0
    iv = implied_volatility(middle, forward, strike, years, call=call)
    if iv is not None:
        return greeks(forward, strike, years, iv, call=call)
    sign = 1.0 if call else -1.0
    exercised = sign * (forward - strike)
    if exercised > 0.0 and middle <= exercised * (1.0 + 1e-9) and ask >= exercised:
        return Greeks(iv=0.0, delta=sign, gamma=0.0, vega=0.0, theta=0.0)
    return None


def _normal(x: float) -> float:
    """Return the share of a normal distribution below a value."""
    return 0.5 * erfc(-x / _SQRT_2)
