"""What a handler is told: a position and its newest quote become one update."""

from __future__ import annotations

from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.update import PositionUpdate


def update_of(
    position: Position, quote: Quote | None, strategies: tuple[str, ...]
) -> PositionUpdate:
    """Join a position with its quote; it is as new as the newer of the two."""
    at = position.observed_at
    if quote is not None and quote.observed_at > at:
        at = quote.observed_at
    return PositionUpdate(position=position, quote=quote, strategies=strategies, observed_at=at)
