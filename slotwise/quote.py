"""A contract's last quote, and the way by which it came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from slotwise.precision import EXACT

#: How a quote reached us: a held line, a short snapshot, or a historical bar (which needs no line).
QuoteSource: TypeAlias = Literal["stream", "snapshot", "bar"]
#: Which of a quote's prices was chosen: the middle of bid and ask, the last trade, the previous
#: close, a historical bar, or none of them.
PriceSource: TypeAlias = Literal["mid", "last", "close", "bar", "none"]
#: A market up to this wide is never absurd, units of price: penny options have a middle. It is the
#: narrowest market that the obvious-error rules of the US options exchanges call wide. Above it a
#: market wider than its own middle is absurd (the ask more than three times the bid): the middle
#: could be wrong by half of itself.
NARROW = Decimal("0.75")


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one contract's prices at `observed_at`; None is a price that was not sent.

    Prices are as quoted: pence, cents or percent of par where the contract is quoted so. A side
    is there only with a size behind it; the sizes are contracts or shares, None where they are not
    known. `iv` and the greeks are plain numbers.
    """

    con_id: int
    observed_at: datetime
    source: QuoteSource
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    close: Decimal | None = None
    delayed: bool = False
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    vega: float | None = None
    theta: float | None = None
    #: The underlying's price that an option's computation was made with, which came with it.
    underlying_price: Decimal | None = None

    def price(self) -> tuple[Decimal | None, PriceSource]:
        """Choose the price to value a position with, and name the choice.

        The rule is in docs/value.md. The middle of a two-sided market that is neither crossed nor
        absurdly wide, else the last trade, else the previous close, both held within what is bid
        and asked now. A bar carries one price, in `last`.
        """
        if self.source == "bar" and self.last is not None:
            return self.last, "bar"
        bid, ask = _finite(self.bid), _finite(self.ask)
        if bid is not None and ask is not None and is_fair(bid, ask):
            return EXACT.divide(EXACT.add(bid, ask), Decimal(2)), "mid"
        if self.last is not None:
            return _nearest_within(self.last, bid, ask), "last"
        if self.close is not None:
            return _nearest_within(self.close, bid, ask), "close"
        return None, "none"

    def is_empty(self) -> bool:
        """Return True where the quote gives no price."""
        return self.price()[0] is None


def newest_by(at: datetime, quotes: Iterable[Quote | None]) -> Quote | None:
    """Return the newest of some quotes that was observed by a time; None where none was."""
    by_then = [quote for quote in quotes if quote is not None and quote.observed_at <= at]
    return max(by_then, key=lambda quote: quote.observed_at, default=None)


def is_fair(bid: Decimal, ask: Decimal) -> bool:
    """Return True where the middle of two sides is a price: not crossed, not absurdly wide."""
    width = ask - bid
    if width < 0:
        return False
    return width <= NARROW or width <= abs(bid + ask) / 2


def _finite(price: Decimal | None) -> Decimal | None:
    return price if price is not None and price.is_finite() else None


def _nearest_within(price: Decimal, bid: Decimal | None, ask: Decimal | None) -> Decimal:
    """Move a price of earlier to the nearest one that is bid or asked now.

    Of crossed sides it is held between the two.
    """
    if not price.is_finite():
        return price
    if bid is not None and ask is not None:
        bid, ask = min(bid, ask), max(bid, ask)
    if bid is not None and price < bid:
        return bid
    return ask if ask is not None and price > ask else price
