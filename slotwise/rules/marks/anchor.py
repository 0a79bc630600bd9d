"""A quote as the coefficients of the marks that follow it.

Until the next quote the price is a Taylor step from this one: with the underlying at S, t seconds
later,

    middle + slope x (S - S0) + curve x (S - S0)^2 + decay x t

where the slope is delta, and what volatility does when the spot moves: vega x (stickiness - 1) x
slope of the smile / S0. What the mark may miss by has the variance

    spread + drift x t + turn x (S - S0)^2 + unseen x (age of the underlying's price)

before the factors that are learnt (`calibration.py`):

* spread: the middle is known to a part of its own spread, and of its underlying's;
* drift: volatility wanders by itself;
* turn: how far it follows the spot is not known exactly;
* unseen: the underlying goes on where it is not seen.

Each weight below is the share of a variance, from documents and reasons, not from one day's data:
what they get wrong, the factors learn.
"""

from __future__ import annotations

from math import inf

import msgspec

from slotwise.rules.marks.black76 import Greeks
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.observation import Observation, Origin
from slotwise.rules.marks.underlying import Spot

#: Squared share of a half-spread that its middle is off by: a fair price spread evenly between bid
#: and ask is off by 0.33 half-spreads squared.
SPREAD = 0.1
#: Squared share of the underlying's half-spread that its own middle is off by: evenly spread.
SPOT_SPREAD = 0.3
#: Squared volatility of volatility, a year: 22 %, that of implied volatilities of three months.
DRIFT = 0.05
#: Squared error of d(volatility) / d(log spot): the slopes of index smiles are 0.5 to 1 and the
#: stickiness is known to a fifth or so.
TURN = 0.03
#: Seconds of a year of the calendar, and those in which the market of a stock is open: what
#: happens in a session happens in these.
YEAR_S, OPEN_YEAR_S = 365.0 * 86400.0, 252.0 * 6.5 * 3600.0
DAY_S = 86400.0


class Anchor(msgspec.Struct, frozen=True):
    """One contract's last quote, ready to compute marks from; see the module for the formula."""

    con_id: int
    at_s: float
    origin: Origin
    middle: float
    half_spread: float
    greeks: Greeks | None = None
    greeks_at_s: float | None = None
    spot: float | None = None
    slope: float = 0.0
    curve: float = 0.0
    decay: float = 0.0
    spread_variance: float = 0.0
    drift: float = 0.0
    turn: float = 0.0
    unseen: float = 0.0
    #: Slope of the smile at this strike when the quote was made, 0 where it was not known.
    smile_slope: float = 0.0
    expires_at_s: float = inf
    delayed: bool = False


def anchored(
    instrument: Instrument,
    seen: Observation,
    spot: Spot | None = None,
    greeks: Greeks | None = None,
    greeks_at_s: float | None = None,
    smile_slope: float = 0.0,
    stickiness: float = 1.0,
    unseen_s: float = 0.0,
) -> Anchor | None:
    """Return the coefficients of a quote; None where it shows no price.

    `unseen_s` is how long the underlying had not been seen when the quote was made: where it was
    is not known exactly then, and the quote's step begins there.

    Without greeks, or a price of the underlying to start from, an option is kept: its price may
    have moved as far as the underlying can.
    """
    middle, half_spread = seen.middle, seen.half_spread
    origin = seen.origin
    if middle is None or half_spread is None:
        if seen.last is None:
            return None
        middle, half_spread, origin = seen.last, 0.0, "close"
    tick = instrument.tick
    # A middle is known no better than to half a step of price, where that step is known.
    known = SPREAD * (half_spread if tick is None else max(half_spread, tick / 2.0)) ** 2
    if not instrument.is_option:
        return Anchor(
            con_id=instrument.con_id,
            at_s=seen.at_s,
            origin=origin,
            delayed=seen.delayed,
            middle=middle,
            half_spread=half_spread,
            spread_variance=known,
            drift=(middle * instrument.volatility) ** 2 / OPEN_YEAR_S,
        )
    expires_at_s = inf if instrument.expires_at_s is None else instrument.expires_at_s
    if spot is None or greeks is None:
        moves = spot.price if spot is not None else (instrument.strike or middle)
        return Anchor(
            con_id=instrument.con_id,
            at_s=seen.at_s,
            origin=origin,
            delayed=seen.delayed,
            middle=middle,
            half_spread=half_spread,
            spread_variance=known,
            drift=(moves * instrument.volatility) ** 2 / OPEN_YEAR_S,
            expires_at_s=expires_at_s,
        )
    unseen = (greeks.delta * spot.price * max(greeks.iv, instrument.volatility)) ** 2
    unseen /= OPEN_YEAR_S
    begins = SPOT_SPREAD * (greeks.delta * spot.half_spread) ** 2 + unseen * unseen_s
    follows = greeks.vega * (stickiness - 1.0) * smile_slope / spot.price
    return Anchor(
        con_id=instrument.con_id,
        at_s=seen.at_s,
        origin=origin,
        delayed=seen.delayed,
        middle=middle,
        half_spread=half_spread,
        greeks=greeks,
        greeks_at_s=greeks_at_s,
        spot=spot.price,
        slope=greeks.delta + follows,
        curve=greeks.gamma / 2.0,
        decay=greeks.theta / DAY_S,
        spread_variance=known + begins,
        drift=DRIFT * (greeks.vega * greeks.iv) ** 2 / YEAR_S,
        turn=TURN * (greeks.vega / spot.price) ** 2,
        unseen=unseen,
        smile_slope=smile_slope,
        expires_at_s=expires_at_s,
    )


def kept(anchor: Anchor) -> Anchor:
    """Return a quote that follows its underlying no more: it may have moved as far as that can."""
    return msgspec.structs.replace(anchor, spot=None, drift=anchor.drift + anchor.unseen)


def value_at(anchor: Anchor, spot: float | None, at_s: float) -> float:
    """Compute the price at a moment with the underlying at `spot`."""
    moved = 0.0 if spot is None or anchor.spot is None else spot - anchor.spot
    step = (anchor.slope + anchor.curve * moved) * moved
    return anchor.middle + step + anchor.decay * (at_s - anchor.at_s)


def variance_at(anchor: Anchor, spot: float | None, at_s: float, unseen_s: float = 0.0) -> float:
    """Compute the variance of what the price at a moment misses by, before learnt factors."""
    moved = 0.0 if spot is None or anchor.spot is None else spot - anchor.spot
    return (
        anchor.spread_variance
        + anchor.drift * max(at_s - anchor.at_s, 0.0)
        + anchor.turn * moved * moved
        + anchor.unseen * unseen_s
    )
