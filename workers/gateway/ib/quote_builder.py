"""Ticks of one request become a quote."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from slotwise.quote import Quote, QuoteSource
from workers.gateway.ib.translate import decimal_of, number

BID, ASK, LAST, CLOSE = 1, 2, 4, 9
PRICES = frozenset((BID, ASK, LAST, CLOSE))
#: TWS's price of what has none.
NO_PRICE = Decimal(-1)
#: Delayed ticks have types of their own.
DELAYED = {66: BID, 67: ASK, 68: LAST, 75: CLOSE}
#: Greeks of the model; those of bid, ask and last are noisier and often missing.
MODEL_GREEKS = frozenset((13, 83))
#: Types of `marketDataType` messages that announce delayed data.
DELAYED_TYPES = frozenset((3, 4))


class QuoteBuilder:
    """Collect the newest value of each kind of tick."""

    __slots__ = (
        "_ask", "_bid", "_close", "_con_id", "_delayed", "_delta", "_gamma", "_iv", "_last",
        "_source", "_theta", "_vega",
    )  # fmt: skip

    def __init__(self, con_id: int, source: QuoteSource) -> None:
        self._con_id = con_id
        self._source = source
        self._bid: Decimal | None = None
        self._ask: Decimal | None = None
        self._last: Decimal | None = None
        self._close: Decimal | None = None
        self._delayed = False
        self._iv: float | None = None
        self._delta: float | None = None
        self._gamma: float | None = None
        self._vega: float | None = None
        self._theta: float | None = None

    def price(self, tick_type: int, text: str) -> bool:
        """Take a price as it was sent; False when it says nothing about the quote.

        TWS sends -1 for no price, and 0 as last or close where there was no trade. Raises
        ArithmeticError when the text is not a number.
        """
        kind = DELAYED.get(tick_type, tick_type)
        if kind not in PRICES:
            return False
        value = decimal_of(text)
        if value == NO_PRICE:
            value = None
        if kind == BID:
            self._bid = value
        elif kind == ASK:
            self._ask = value
        elif kind == LAST:
            self._last = value or None
        else:
            self._close = value or None
        self._delayed = self._delayed or tick_type in DELAYED
        return True

    def greeks(
        self, tick_type: int, iv: float, delta: float, gamma: float, vega: float, theta: float
    ) -> bool:
        """Take an option computation; only the model's counts. -1 and -2 are TWS's "none"."""
        if tick_type not in MODEL_GREEKS:
            return False
        self._iv = None if iv == -1 else number(iv)
        self._delta = None if delta == -2 else number(delta)
        self._gamma = None if gamma == -2 else number(gamma)
        self._vega = None if vega == -2 else number(vega)
        self._theta = None if theta == -2 else number(theta)
        return True

    def market_data_type(self, kind: int) -> None:
        """Learn whether what comes is delayed."""
        self._delayed = kind in DELAYED_TYPES

    def quote(self, now: datetime) -> Quote:
        """Freeze what is known."""
        return Quote(
            con_id=self._con_id,
            observed_at=now,
            source=self._source,
            bid=self._bid,
            ask=self._ask,
            last=self._last,
            close=self._close,
            delayed=self._delayed,
            iv=self._iv,
            delta=self._delta,
            gamma=self._gamma,
            vega=self._vega,
            theta=self._theta,
        )
