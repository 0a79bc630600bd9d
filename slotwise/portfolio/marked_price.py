"""Price of a holding by its mark: its value between two quotes. Pure.

Rules; the first that applies:

* A mark without a value changes nothing.
* A quote that is newer than what the mark was made from counts for itself: the mark has not seen
  it, or it shows no two sides, and the rule of docs/value.md chooses among its other prices.
* The mark of a line or a fresh quote is the middle of that quote, whose price stays, exactly; the
  mark adds its band. So does the mark of a closed market, which is its last trade or close.
* A mark by the model, by a quote that was kept, or by neighbours gives the price, with as many
  digits as its band is worth; a quote's own price that rounds to the same stays, exactly. Greeks
  and previous close stay those of the quote. It is delayed where the quote or the mark is.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from math import floor, log10

import msgspec

from slotwise.portfolio.price import Price, PricedBy
from slotwise.rules.marks.marked import Marked

#: Quote and mark of one moment may have times that differ by this much: the mark's is when the
#: gateway took the quote up, and the clock may have been set by a little since.
SAME = timedelta(seconds=1.0)
#: Digits behind the point at most, and how many parts of a band the last one distinguishes.
MOST_PLACES, SHARE = 8, 20.0
#: Sources whose marks give a price of their own.
BY_MARK: dict[str, PricedBy] = {"model": "model", "kept": "kept", "neighbours": "neighbours"}


def marked_price(price: Price, mark: Marked) -> Price:
    """Return the price that counts of a quote's price and a mark."""
    if mark.value is None or mark.band is None:
        return price
    if price.value is not None and price.observed_at is not None:
        seen_at = mark.quoted_at
        if seen_at is None or price.observed_at > seen_at + SAME:
            return price
    band = exactly(mark.band, mark.band)
    source = BY_MARK.get(mark.source)
    if source is None and price.value is not None:
        return msgspec.structs.replace(price, band=band)
    if source is None:
        source = "close" if mark.source == "close" else "mid"
    value = exactly(mark.value, mark.band)
    if price.value is not None and exactly(float(price.value), mark.band) == value:
        value = price.value
    return msgspec.structs.replace(
        price,
        value=value,
        source=source,
        observed_at=mark.quoted_at or mark.greeks_at,
        band=band,
        moved_at=mark.underlying_at if source == "model" else None,
        delayed=price.delayed or mark.delayed,
    )


def exactly(value: float, band: float) -> Decimal:
    """Return a number as a decimal, with the digits that a band leaves of it."""
    worth = max(band / SHARE, 10.0**-MOST_PLACES)
    return Decimal(repr(round(value, max(-floor(log10(worth)), 0))))
