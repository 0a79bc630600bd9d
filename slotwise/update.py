"""What a handler receives: one active contract's position and quote, together."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.contract import Contract, PositionKey
from slotwise.position import Position
from slotwise.quote import Quote


class PositionUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """Join a streamed position with its newest quote.

    `strategies` names the active strategies that own the contract, most important first.
    An active contract that no account holds has quantity 0, no cost, and an empty account.
    """

    position: Position
    quote: Quote | None
    strategies: tuple[str, ...]
    observed_at: datetime

    @property
    def key(self) -> PositionKey:
        return self.position.key

    def says_more_than(self, delivered: PositionUpdate | None) -> bool:
        """Return whether anything is new to a receiver of another update of the holding.

        A poll that finds a holding as it was makes its position newer, but not what is known of it
        where the quote is newer still.
        """
        if delivered is None or self.observed_at != delivered.observed_at:
            return True
        same = (
            self.quote == delivered.quote
            and self.strategies == delivered.strategies
            and self.position.quantity == delivered.position.quantity
            and self.position.avg_cost == delivered.position.avg_cost
            and self.position.contract == delivered.position.contract
        )
        return not same


def update_of(
    position: Position, quote: Quote | None, strategies: tuple[str, ...]
) -> PositionUpdate:
    """Join a position with its quote; it is as new as the newer of the two."""
    at = position.observed_at
    if quote is not None and quote.observed_at > at:
        at = quote.observed_at
    return PositionUpdate(position=position, quote=quote, strategies=strategies, observed_at=at)


def not_held(contract: Contract, at: datetime) -> Position:
    """Return the position of a contract that no account holds."""
    return Position(
        account="", contract=contract, quantity=Decimal(0), avg_cost=None, observed_at=at
    )
