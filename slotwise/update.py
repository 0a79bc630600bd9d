"""What a handler receives: one active contract's position and quote, together."""

from __future__ import annotations

from datetime import datetime

import msgspec

from slotwise.contract import PositionKey
from slotwise.position import Position
from slotwise.quote import Quote


class PositionUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """Join a streamed position with its newest quote.

    `strategies` names the active strategies that own the contract, most important first.
    A watched contract that is not held has quantity 0.
    """

    position: Position
    quote: Quote | None
    strategies: tuple[str, ...]
    observed_at: datetime

    @property
    def key(self) -> PositionKey:
        return self.position.key
