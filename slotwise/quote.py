"""What a contract is worth: the last quote we saw, and how we saw it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

#: How a quote reached us: a held line, a short snapshot, or a historical bar (which needs no line).
QuoteSource: TypeAlias = Literal["stream", "snapshot", "bar"]


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one contract's prices at `observed_at`; None is a price that was not sent.

    Prices are per unit in the contract's currency; `iv` and the greeks are plain numbers.
    """

    con_id: int
    observed_at: datetime
    source: QuoteSource
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    close: Decimal | None = None
    delayed: bool = False
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    vega: float | None = None
    theta: float | None = None

    def price(self) -> tuple[Decimal | None, str]:
        """Choose the price to value a position with, and name the choice.

        The middle of a two-sided market, else the last trade, else the previous close. A bar
        carries one price, in `last`.
        """
        if self.source == "bar" and self.last is not None:
            return self.last, "bar"
        if self.bid is not None and self.ask is not None:
            return (self.bid + self.ask) / 2, "mid"
        if self.last is not None:
            return self.last, "last"
        if self.close is not None:
            return self.close, "close"
        return None, "none"

    def is_empty(self) -> bool:
        """Tell whether no price arrived at all."""
        if self.last is not None or self.close is not None:
            return False
        return self.bid is None or self.ask is None
