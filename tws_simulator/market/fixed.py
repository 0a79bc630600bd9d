"""Quotes that a portfolio file or a command gives, in the place of the market's own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tws_simulator.market.quote import NO_SIZE, Quote, Size

#: Prices that TWS does not send where they are not given.
PRICES = ("last", "open", "high", "low", "close")


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedQuote:
    """Hold prices that stand still; None is no quote.

    A bid or ask of None is sent as the contract's `no_quote` price with size 0, other prices of
    None are not sent. Sizes and the volume of None are the market's: they change.
    """

    bid: float | None = None
    ask: float | None = None
    last: float | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    close: float | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last_size: Decimal | None = None
    volume: Decimal | None = None

    @property
    def mark(self) -> float | None:
        """Return the middle, else the last trade, else the close, else the side there is."""
        if self.bid is not None and self.ask is not None:
            return (self.bid + self.ask) / 2
        others = (self.last, self.close, self.bid, self.ask)
        return next((price for price in others if price is not None), None)

    def over(self, market: Quote, no_quote: float) -> Quote:
        """Return the market's quote with these prices in it."""
        mark = market.mid if self.mark is None else self.mark
        absent = {name for name in PRICES if getattr(self, name) is None}
        if self.last is None:
            # Nothing has traded: there is no time of a trade, and no volume but a given one.
            absent |= {"timestamp"} if self.volume is not None else {"timestamp", "volume"}
        return market._replace(
            last=mark if self.last is None else self.last,
            open=mark if self.open is None else self.open,
            high=mark if self.high is None else self.high,
            low=mark if self.low is None else self.low,
            close=mark if self.close is None else self.close,
            bid=self._side(self.bid, market.bid, no_quote),
            ask=self._side(self.ask, market.ask, no_quote),
            bid_size=NO_SIZE if self.bid is None else _size(self.bid_size, market.bid_size),
            ask_size=NO_SIZE if self.ask is None else _size(self.ask_size, market.ask_size),
            last_size=_size(self.last_size, market.last_size),
            volume=_size(self.volume, market.volume),
            mid=mark,
            absent=frozenset(absent),
        )

    @staticmethod
    def _side(given: float | None, market: float | None, no_quote: float) -> float | None:
        """Return a side's price; an index has no sides, quoted or not."""
        if given is not None:
            return given
        return None if market is None else no_quote


def _size(given: Decimal | None, market: Size) -> Size:
    # The market shows no size where its own price is worthless.
    return given if given is not None else max(market, 1)
