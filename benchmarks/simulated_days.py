"""Days of a simulated market, minute by minute: spot, smile, spreads, and what shows no two sides.

The model is not the one that marks are computed with: volatility is a random process of its own
that is pushed against the spot, prices jump, spreads change by the minute and by the hour, and
prices are rounded to ticks. It has its own formula of option prices.
"""

from __future__ import annotations

import random
from math import exp, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from benchmarks.market_days import Day, Market, Option

_NORMAL = NormalDist()
#: Minutes of the day of a session.
OPENS, CLOSES = 570, 960
#: Minutes in which markets are open, a year.
OPEN_YEAR = 252.0 * 390.0


class Weather(NamedTuple):
    """What one simulated day is like.

    `volatility` is the spot's, a year. `skew` is d(volatility) / d(log strike) at three months and
    grows with the inverse root of time. `stickiness` says how volatility follows the spot,
    `wandering` is the volatility of volatility, a year. `jumps` are a day, of `jump` each. `wide`
    is half a usual spread as a share of an option's price.
    """

    name: str
    spot: float
    tick: float
    volatility: float
    skew: float
    stickiness: float
    wandering: float
    jumps: float
    jump: float
    wide: float
    days: tuple[int, ...]
    strikes: tuple[float, ...]


def _ladder(spot: float, step: float, count: int) -> tuple[float, ...]:
    middle = round(spot / step) * step
    return tuple(middle + step * (number - count // 2) for number in range(count))


#: A quiet day of an index, a wild one with options that are about to expire, and a share that few
#: people quote.
WEATHERS = (
    Weather(
        "simulated index, calm", 3200.0, 0.05, 0.12, -0.7, 1.4, 0.9, 0.0, 0.0, 0.008,
        (25, 74), _ladder(3200.0, 25.0, 25),
    ),
    Weather(
        "simulated index, wild", 3800.0, 0.05, 0.35, -0.9, 1.7, 1.8, 3.0, 0.005, 0.015,
        (1, 8), _ladder(3800.0, 25.0, 25),
    ),
    Weather(
        "simulated share, wide", 740.0, 0.05, 0.28, -0.2, 1.0, 0.8, 1.0, 0.004, 0.06,
        (8, 60), _ladder(740.0, 10.0, 21),
    ),
)  # fmt: skip


def simulated_day(weather: Weather, seed: int) -> Day:
    """Return a day of this weather; the same seed gives the same day."""
    rng = random.Random(f"{weather.name} {seed}")
    options = [
        (days, strike, call)
        for days in weather.days
        for strike in weather.strikes
        for call in (True, False)
    ]
    markets: list[dict[int, Market]] = [{} for _ in options]
    underlying: dict[int, tuple[float, float | None]] = {}
    spot, level = weather.spot, 0.0
    widths = [exp(rng.gauss(0.0, 0.4)) for _ in options]
    for minute in range(OPENS, CLOSES + 1):
        busy = 1.6 if minute < OPENS + 45 or minute > CLOSES - 45 else 0.8
        step = weather.volatility * sqrt(busy / OPEN_YEAR) * rng.gauss(0.0, 1.0)
        if rng.random() < weather.jumps / (CLOSES - OPENS):
            step += rng.choice((-1.0, 1.0)) * weather.jump * rng.expovariate(1.0)
        spot *= exp(step)
        level += weather.wandering * sqrt(1.0 / OPEN_YEAR) * rng.gauss(0.0, 1.0)
        shown = round(spot / weather.tick) * weather.tick
        underlying[minute] = (shown, weather.tick)
        for number, (days, strike, call) in enumerate(options):
            market = _market(weather, rng, spot, level, days, strike, call, minute, widths[number])
            if market is not None:
                markets[number][minute] = market
    return Day(
        weather.name,
        underlying,
        tuple(
            Option(strike, call, days * 1440.0 + CLOSES, by_minute)
            for (days, strike, call), by_minute in zip(options, markets, strict=True)
        ),
    )


def _market(
    weather: Weather,
    rng: random.Random,
    spot: float,
    level: float,
    days: int,
    strike: float,
    call: bool,
    minute: int,
    width: float,
) -> Market | None:
    """Return two sides of one option in one minute, None where one of them is absent."""
    years = (days + (CLOSES - minute) / 1440.0) / 365.0
    skew = weather.skew * sqrt(0.25 / max(years, 7.0 / 365.0)) * weather.volatility / 0.2 / 3.0
    moneyness = log(strike / spot)
    followed = weather.stickiness * skew * log(spot / weather.spot)
    own = weather.volatility * (1.0 + level) * 1.05 + followed + skew * moneyness
    iv = max(own + 0.5 * moneyness * moneyness / sqrt(years + 0.05), 0.04)
    value = _price(spot, strike, years, iv, call=call)
    # Makers change their quotes at different moments, and never all of them.
    value += weather.tick * rng.gauss(0.0, 0.5)
    half = max(weather.wide * sqrt(max(value, 0.0) * 10.0) * width, weather.tick / 2.0)
    half *= exp(rng.gauss(0.0, 0.25))
    if rng.random() < 0.01:
        half *= 3.0
    bid = int((value - half) / weather.tick) * weather.tick
    ask = (int((value + half) / weather.tick) + 1) * weather.tick
    absent = bid < weather.tick or rng.random() < 0.002
    return None if absent else Market(bid, ask)


def _price(spot: float, strike: float, years: float, iv: float, *, call: bool) -> float:
    spread = iv * sqrt(years)
    up = (log(spot / strike) + spread * spread / 2.0) / spread
    bought = spot * _NORMAL.cdf(up) - strike * _NORMAL.cdf(up - spread)
    return bought if call else bought - spot + strike
