"""What an account holds: one position, and one complete snapshot of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.account import masked
from slotwise.contract import Contract, PositionKey


# Left out of garbage collection: it can be in no circle, and there are tens of thousands.
class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Hold a quantity of one contract in one account, as the broker sent it at `observed_at`.

    `avg_cost` is money per piece or contract: it includes the contract's multiplier, as IB reports
    it; None is a cost that TWS does not know. `sequence` is the place of this observation among all
    that gateways made (`slotwise.numbering`); None where it has none, as in rows of older versions.
    """

    account: str
    contract: Contract
    quantity: Decimal
    avg_cost: Decimal | None
    observed_at: datetime
    sequence: int | None = None

    @property
    def key(self) -> PositionKey:
        return self.account, self.contract.con_id


class Unknown(msgspec.Struct, frozen=True):
    """Why and since when the positions of an account, or of all, are not known."""

    since: datetime
    reason: str

    def of(self, account: str) -> str:
        """Write it of an account, by its last digits, or of all for an empty name."""
        whose = f" of {masked(account)}" if account else ""
        return f"positions{whose} unknown since {self.since:%H:%M:%S} UTC: {self.reason}"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one complete `reqPositions` answer, closed by `positionEnd`.

    As TWS gives it, it may lack holdings: `remarks` has TWS's words by account ("" for all),
    `unreadable` what could not be read (of accounts in `lacks_named_only` it lacks nothing else),
    and one that is not `certain` may not be whole. Once weighed it also has the holdings that are
    kept though the answer lacks them, `unseen`, and `unknown` says of which accounts; whatever is
    absent then is not held. `questions` are the ids of the requests (`PollNow`) that came before it
    was asked for.
    """

    snapshot_id: str
    requested_at: datetime
    completed_at: datetime
    positions: tuple[Position, ...]
    sequence: int | None = None
    certain: bool = True
    remarks: Mapping[str, str] = {}
    unreadable: frozenset[PositionKey] = frozenset()
    lacks_named_only: frozenset[str] = frozenset()
    unseen: frozenset[PositionKey] = frozenset()
    unknown: Mapping[str, Unknown] = {}
    questions: tuple[str, ...] = ()


class SnapshotHead(msgspec.Struct, frozen=True, kw_only=True):
    """Describe a snapshot without its positions.

    `put_at_s` is when it was put on the board, unix seconds by the clock of Redis.
    """

    snapshot_id: str
    requested_at: datetime
    completed_at: datetime
    count: int
    sequence: int | None = None
    unknown: Mapping[str, Unknown] = {}
    questions: tuple[str, ...] = ()
    put_at_s: float | None = None


class PollFailure(msgspec.Struct, frozen=True):
    """Why TWS did not answer a request for positions, and since when they are not known."""

    requested_at: datetime
    since: datetime
    reason: str


def is_older(position: Position, than: Position | None) -> bool:
    """Return True where a position was observed before another one of its holding.

    Numbers decide; where one has none, it is taken to be newer.
    """
    if than is None or position.sequence is None or than.sequence is None:
        return False
    return position.sequence < than.sequence


def is_later(position: Position, than: Snapshot) -> bool:
    """Return True where a position was observed behind the end of an answer."""
    if position.sequence is None or than.sequence is None:
        return False
    return position.sequence > than.sequence


def newest_by_key(positions: list[Position]) -> tuple[Position, ...]:
    """Keep the last word on each holding: a push during a poll repeats it in the answer."""
    return tuple({position.key: position for position in positions}.values())
