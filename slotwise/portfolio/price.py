"""Price of a contract with its greeks, its age, and a word for the age.

`Price` is all that the portfolio knows of a quote, or of a mark between two quotes
(`marked_price.py`). Of a price by the model the age that counts is that of the underlying's price
it was moved by, as long as the contract's own quote is no older than `MODEL_S`.

Rules of the word; the first that applies:

| word    | when                                                                                  |
|---------|---------------------------------------------------------------------------------------|
| unknown | there is no price                                                                     |
| closed  | the market is closed, and the price was observed no more than `LATE_S` before it shut |
| stale   | older than `LATE_S`, or the previous close while the market may be open               |
| model   | by the model, no older than `FRESH_S`, of a feed that is not delayed                  |
| late    | older than `FRESH_S`, of a delayed feed, a last trade or bar of unknown time, or a    |
|         | price by neighbours                                                                   |
| fresh   | otherwise: a quote's own middle, also where nothing says how it moved since           |
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Literal, TypeAlias

import msgspec

from slotwise.quote import PriceSource, Quote

Freshness: TypeAlias = Literal["fresh", "model", "late", "stale", "closed", "unknown"]
#: How a price was found: by a quote, or by a mark between quotes (`rules.marks.mark`).
PricedBy: TypeAlias = PriceSource | Literal["model", "kept", "neighbours"]

#: Age up to which a price is fresh, seconds: the default time between two quotes of the watchlist.
FRESH_S = 15.0
#: Age beyond which a price is stale, seconds: as long as a snapshot of positions counts as news
#: (setting `snapshot_max_age_s`).
LATE_S = 120.0
#: A quote may be moved by its underlying this long, seconds: greeks were measured to hold so far.
MODEL_S = 1800.0


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A contract's price and greeks at `observed_at`; None is unknown.

    Prices are as quoted. `delta` is per unit of the underlying's price, `gamma` its change; `vega`
    is the change of the price for one point of volatility, `theta` for one day.
    """

    value: Decimal | None = None
    source: PricedBy = "none"
    observed_at: datetime | None = None
    #: Half of what the true price lies in 95 times of 100, around the value.
    band: Decimal | None = None
    #: When the underlying's price was seen that a price by the model was moved by.
    moved_at: datetime | None = None
    #: Previous close.
    close: Decimal | None = None
    delayed: bool = False
    delta: Decimal | None = None
    gamma: Decimal | None = None
    vega: Decimal | None = None
    theta: Decimal | None = None
    #: The underlying's price that the greeks were made with, in the unit of the option.
    underlying_price: Decimal | None = None


#: Price of a contract that was never quoted.
NO_PRICE = Price()


def price_of(quote: Quote | None) -> Price:
    """Return the price of a quote."""
    if quote is None:
        return NO_PRICE
    value, source = quote.price()
    return Price(
        value=_finite(value),
        source=source,
        observed_at=quote.observed_at,
        close=_finite(quote.close),
        delayed=quote.delayed,
        delta=exact(quote.delta),
        gamma=exact(quote.gamma),
        vega=exact(quote.vega),
        theta=exact(quote.theta),
        underlying_price=_finite(quote.underlying_price),
    )


def exact(number: float | None) -> Decimal | None:
    """Return a greek as a decimal with the digits it is written with; None for no number."""
    return Decimal(repr(number)) if number is not None and isfinite(number) else None


def age_s(observed_at: datetime | None, at: datetime) -> float | None:
    """Return the age of a price, seconds; 0 where clocks differ; None where there is none."""
    return None if observed_at is None else max((at - observed_at).total_seconds(), 0.0)


def freshness(
    *,
    value: Decimal | None,
    source: PricedBy,
    observed_at: datetime | None,
    delayed: bool,
    at: datetime,
    closed_since: datetime | None = None,
    moved_at: datetime | None = None,
) -> Freshness:
    """Return the word for a price's age at a time, by the table above.

    `closed_since` is when the market's last session ended; None where it is open or not known.
    """
    if value is None or observed_at is None:
        return "unknown"
    if (
        source == "model"
        and moved_at is not None
        and (observed_at <= moved_at <= observed_at + timedelta(seconds=MODEL_S))
    ):
        observed_at = moved_at
    if closed_since is not None and observed_at >= closed_since - timedelta(seconds=LATE_S):
        return "closed"
    age = (at - observed_at).total_seconds()
    if age > LATE_S or source == "close":
        return "stale"
    if age > FRESH_S or delayed or source not in ("mid", "model", "kept"):
        return "late"
    return "model" if source == "model" else "fresh"


def _finite(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value.is_finite() else None
