"""What an account holds: one position, and one complete snapshot of all of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.contract import Contract, PositionKey


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Hold a quantity of one contract in one account, as the broker said at `observed_at`.

    `avg_cost` is per unit and includes the contract's multiplier, as IB reports it.
    """

    account: str
    contract: Contract
    quantity: Decimal
    avg_cost: Decimal
    observed_at: datetime

    @property
    def key(self) -> PositionKey:
        return self.account, self.contract.con_id


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one complete `reqPositions` answer, closed by `positionEnd`.

    An answer without its end never becomes one of these: whatever is absent here is not held.
    """

    snapshot_id: str
    requested_at: datetime
    completed_at: datetime
    positions: tuple[Position, ...]


class SnapshotHead(msgspec.Struct, frozen=True, kw_only=True):
    """Describe a snapshot without its positions."""

    snapshot_id: str
    requested_at: datetime
    completed_at: datetime
    count: int


def newest_by_key(positions: list[Position]) -> tuple[Position, ...]:
    """Keep the last word on each holding: a push during a poll repeats it in the answer."""
    return tuple({position.key: position for position in positions}.values())
