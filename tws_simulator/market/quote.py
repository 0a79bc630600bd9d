"""What is known of a contract's price at one instant."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, TypeAlias

#: The size of a side that is not quoted: what its price says is no quote then (ib_async's rule).
NO_SIZE = 0

#: A number of shares, contracts or parts of them.
Size: TypeAlias = int | Decimal


class Quote(NamedTuple):
    """Hold prices in the contract's currency, sizes in contracts or shares.

    An index never has a bid or an ask: None. A side that is not quoted just now has size 0 and the
    price that stands for no quote. What `absent` names, by the names of ticks, is not known: TWS
    does not send it.
    """

    bid: float | None
    ask: float | None
    last: float
    open: float
    high: float
    low: float
    close: float
    bid_size: Size
    ask_size: Size
    last_size: Size
    volume: Size
    #: When the last trade was, unix seconds.
    last_at: int
    #: The unrounded middle, and the underlying's price.
    mid: float
    under: float
    absent: frozenset[str] = frozenset()

    @property
    def has_bid(self) -> bool:
        """Return True where there is a bid."""
        return self.bid is not None and self.bid_size > NO_SIZE

    @property
    def has_ask(self) -> bool:
        """Return True where there is an ask."""
        return self.ask is not None and self.ask_size > NO_SIZE

    def withdrawn(self, no_quote: float) -> Quote:
        """Return the quote without its sides; `no_quote` is the price that stands for none."""
        if self.bid is None:
            return self
        return self._replace(bid=no_quote, ask=no_quote, bid_size=NO_SIZE, ask_size=NO_SIZE)
