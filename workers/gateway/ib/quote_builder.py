"""Ticks of one request become a quote.

What TWS sends where there is no price (recorded; docs/value.md):

    bid, ask    -1, 0 or -100 (in pence) with size 0; the size may also go to 0 by itself, or
                follow a price that came with size 0
    last        -1, 0 or -100 with size 0; an index has prices and no sizes
    close       -1, 0 or -100; its size is always 0

So a size decides first: with one, every number is a price, -1.00 too. Without one a side is not
there; its price is kept, and counts again when a size follows, unless it is one of those numbers.
A last or close of 0 is none; one of -1 or -100 is a price only of what has shown a price
below zero on the same request.

A quote is of one feed: of the one that TWS announces, live or delayed, or of the other as long as
only that one sends prices.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from slotwise.quote import Quote, QuoteSource
from workers.gateway.ib.translate import decimal, decimal_if_any, decimal_of, number
from workers.gateway.quote_ways import OPTIONS, WITHOUT_SIDES

BID, ASK, LAST, CLOSE = 1, 2, 4, 9
PRICES = frozenset((BID, ASK, LAST, CLOSE))
#: TWS's price of what has none, in currency and in pence or cents.
NO_PRICE = frozenset((Decimal(-1), Decimal(-100)))
NOTHING = Decimal(0)
#: Prices of a side without a size that stand for none, whatever size follows.
NO_SIDE = NO_PRICE | {NOTHING}
#: Delayed ticks have types of their own.
DELAYED = {66: BID, 67: ASK, 68: LAST, 75: CLOSE}
#: Types of sizes of the sides, live and delayed, and the side of each.
SIDE_SIZES = {0: BID, 3: ASK, 69: BID, 70: ASK}
#: Names of the sides, live and delayed.
SIDES = {1: "bid", 2: "ask", 66: "bid", 67: "ask"}
DELAYED_SIZES = frozenset((69, 70))
#: Greeks of the model; those of bid, ask and last are noisier and often missing.
MODEL, DELAYED_MODEL = 13, 83
MODEL_GREEKS = frozenset((MODEL, DELAYED_MODEL))
#: Types of `marketDataType` messages that announce delayed data.
DELAYED_TYPES = frozenset((3, 4))

#: Sizes that are remembered with their texts: most are small whole numbers, and each quote has two.
SIZES_KEPT = 1024
_size_of = lru_cache(SIZES_KEPT)(decimal_if_any)


class QuoteBuilder:
    """Collect the newest value of each kind of tick."""

    __slots__ = (
        "_announced_delayed", "_below_zero", "_con_id", "_delayed", "_delta", "_doubtful", "_gamma",
        "_greeks_delayed", "_iv", "_prices", "_sizes", "_source", "_theta", "_under", "_vega",
        "_without_size",
    )  # fmt: skip

    def __init__(self, con_id: int, source: QuoteSource) -> None:
        self._con_id = con_id
        self._source = source
        self._prices: dict[int, Decimal | None] = {}
        #: Sizes of the sides as they were sent: most are replaced before anyone reads them.
        self._sizes: dict[int, str] = {}
        #: Kinds whose price is TWS's number for none, and may be meant.
        self._doubtful: set[int] = set()
        #: Sides of which nothing is left at their price, which is kept: a size may follow.
        self._without_size: set[int] = set()
        self._below_zero = False
        #: Whether the prices are those of the delayed feed.
        self._delayed = False
        #: Whether TWS announced the delayed feed; None until it announced one.
        self._announced_delayed: bool | None = None
        self._greeks_delayed = False
        self._iv: float | None = None
        self._delta: float | None = None
        self._gamma: float | None = None
        self._vega: float | None = None
        self._theta: float | None = None
        self._under: Decimal | None = None

    def price(self, tick_type: int, text: str, size: str = "") -> bool:
        """Take a price with its size as they were sent; return False where the quote ignores it.

        An empty size is unknown. Raises ArithmeticError when the price is not a number.
        """
        kind = DELAYED.get(tick_type, tick_type)
        if kind not in PRICES:
            return False
        value = decimal_of(text)
        is_delayed = kind != tick_type
        if is_delayed is not self._delayed and not self._turn_to(delayed=is_delayed):
            return False
        # Most sizes are plain whole numbers, and ticks are many: those are not parsed.
        has_size = size.isdigit() and size[0] != "0"
        is_gone = False
        if not has_size:
            amount = _size_of(size)
            has_size = amount is not None and amount > 0
            is_gone = kind <= ASK and amount is not None and not has_size
            if not has_size and value is not None and _is_none(kind, value, is_gone=is_gone):
                value = None
        self._prices[kind] = value
        if kind <= ASK:
            self._sizes[kind] = size
        if self._without_size or self._doubtful:
            self._without_size.discard(kind)
            self._doubtful.discard(kind)
        if is_gone:
            self._without_size.add(kind)
        # Looking for a sign first is cheaper than comparing numbers.
        elif "-" in text and value is not None and value < 0:
            if has_size or value not in NO_PRICE:
                self._below_zero = True
            else:
                self._doubtful.add(kind)
        return True

    def size(self, tick_type: int, text: str) -> bool:
        """Take the size of a side that changed by itself; return False where nothing is new."""
        side = SIDE_SIZES[tick_type]
        if (tick_type in DELAYED_SIZES) is not self._delayed:
            return False
        if self._sizes.get(side) == text:
            # TWS sends the size of each price once more.
            return False
        amount = _size_of(text)
        self._sizes[side] = text
        price, was_gone = self._prices.get(side), side in self._without_size
        if amount is None or price is None or was_gone == (amount <= 0):
            return False
        if not was_gone:
            self._without_size.add(side)
            return True
        self._without_size.discard(side)
        if price < 0 and side not in self._doubtful:
            self._below_zero = True
        return True

    def greeks(
        self,
        tick_type: int,
        iv: float,
        delta: float,
        gamma: float,
        vega: float,
        theta: float,
        under: float = -1,
    ) -> bool:
        """Take an option computation; only the model's counts. -1 and -2 are TWS's "none"."""
        if tick_type not in MODEL_GREEKS:
            return False
        self._greeks_delayed = tick_type == DELAYED_MODEL
        self._iv = None if iv == -1 else number(iv)
        self._delta = None if delta == -2 else number(delta)
        self._gamma = None if gamma == -2 else number(gamma)
        self._vega = None if vega == -2 else number(vega)
        self._theta = None if theta == -2 else number(theta)
        price = None if under in (-1, 0) else number(under)
        self._under = None if price is None else decimal(price)
        return True

    def market_data_type(self, kind: int) -> bool:
        """Take which feed TWS announces; False where nothing changes.

        At a change what is known of the other feed is dropped. TWS repeats types (recorded).
        """
        is_delayed = kind in DELAYED_TYPES
        if is_delayed is self._announced_delayed:
            return False
        self._announced_delayed = is_delayed
        dropped = is_delayed is not self._delayed
        if dropped:
            self._drop_prices(delayed=is_delayed)
        if is_delayed is not self._greeks_delayed:
            known = (self._iv, self._delta, self._gamma, self._vega, self._theta, self._under)
            dropped = dropped or any(value is not None for value in known)
            self._iv = self._delta = self._gamma = self._vega = self._theta = self._under = None
        return dropped

    def _turn_to(self, *, delayed: bool) -> bool:
        """Take the feed of a price where it is another than before; False where it does not count.

        A price counts in place of those of the other feed. It does not where TWS announced that
        other feed and has sent prices of it: then it was on its way at the change.
        """
        if self._prices and self._announced_delayed is self._delayed:
            return False
        self._drop_prices(delayed=delayed)
        return True

    def _drop_prices(self, *, delayed: bool) -> None:
        """Begin with the other feed, of which nothing is known."""
        self._delayed = delayed
        self._prices.clear()
        self._sizes.clear()
        self._without_size.clear()
        self._doubtful.clear()

    def is_whole(self, sec_type: str) -> bool:
        """Return True where both sides are known, and of an option the model's computation.

        A side that is not quoted is known as such once the model has been computed beside it:
        the first prices of a stream may say so of sides that come a moment later.
        """
        if sec_type in WITHOUT_SIDES:
            return self._prices.get(LAST) is not None
        computed = self._delta is not None
        if sec_type in OPTIONS and not computed:
            return False
        if computed:
            return BID in self._prices and ASK in self._prices
        gone = self._without_size
        return all(self._prices.get(side) is not None and side not in gone for side in (BID, ASK))

    def quote(self, now: datetime) -> Quote:
        """Freeze what is known."""
        known = self._prices
        if self._without_size or self._doubtful:
            known = {kind: price for kind, price in known.items() if self._is_known(kind)}
        bid, ask = known.get(BID), known.get(ASK)
        # A delayed computation beside live prices: its underlying's price is of 15 minutes ago, and
        # the quote is called live.
        is_old = self._greeks_delayed and not self._delayed
        return Quote(
            con_id=self._con_id,
            observed_at=now,
            source=self._source,
            bid=bid,
            ask=ask,
            bid_size=None if bid is None else _size_of(self._sizes.get(BID, "")),
            ask_size=None if ask is None else _size_of(self._sizes.get(ASK, "")),
            last=known.get(LAST),
            close=known.get(CLOSE),
            delayed=self._delayed,
            iv=self._iv,
            delta=self._delta,
            gamma=self._gamma,
            vega=self._vega,
            theta=self._theta,
            underlying_price=None if is_old else self._under,
        )

    def _is_known(self, kind: int) -> bool:
        return kind not in self._without_size and (self._below_zero or kind not in self._doubtful)


def _is_none(kind: int, value: Decimal, *, is_gone: bool) -> bool:
    """Return True for a price without a size that stands for none."""
    if is_gone:
        return value in NO_SIDE
    return kind > ASK and value == NOTHING
