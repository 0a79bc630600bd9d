"""What is known of a contract's price at one instant."""

from __future__ import annotations

from typing import NamedTuple

#: What TWS sends as a price that does not exist now, and its size.
NO_PRICE, NO_SIZE = -1.0, 0


class Quote(NamedTuple):
    """Hold prices in the contract's currency, sizes in contracts or shares.

    An index never has a bid or an ask: None. Where nobody bids just now it is NO_PRICE.
    """

    bid: float | None
    ask: float | None
    last: float
    open: float
    high: float
    low: float
    close: float
    bid_size: int
    ask_size: int
    last_size: int
    volume: int
    #: When the last trade was, unix seconds.
    last_at: int
    #: The unrounded middle, and the underlying's price.
    mid: float
    under: float
