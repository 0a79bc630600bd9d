"""A difference: one holding that book and broker do not agree on, before anybody asks why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

import msgspec

from slotwise.account import is_in, login_account
from slotwise.contract import Contract, PositionKey
from slotwise.position import Position
from slotwise.reconciliation.report import Kind

#: Largest difference of average cost, as a fraction, that is not a break: IB's own rounding.
AVG_COST_TOLERANCE = Decimal("0.0001")
NOTHING = Decimal(0)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Hold both sides of a holding; a missing one is None."""

    key: PositionKey
    kind: Kind
    book: Position | None
    broker: Position | None

    @property
    def account(self) -> str:
        return self.key[0]

    @property
    def con_id(self) -> int:
        return self.key[1]

    @property
    def contract(self) -> Contract:
        """Name the contract, as the broker does where it can."""
        known = self.broker or self.book
        assert known is not None, "a difference has at least one side"
        return known.contract

    @property
    def change(self) -> Decimal:
        """Tell what has to be added to the book's quantity, signed."""
        theirs = NOTHING if self.broker is None else self.broker.quantity
        return theirs - (NOTHING if self.book is None else self.book.quantity)


def differences(
    book: Mapping[PositionKey, Position],
    broker: Mapping[PositionKey, Position],
    accounts: Collection[str] = (),
    tolerance: Decimal = AVG_COST_TOLERANCE,
) -> list[Difference]:
    """Compare the sides over the union of their holdings, in the order of their keys.

    `accounts` are those of the login; none means that they are not known.
    """
    found = []
    for key in sorted(book.keys() | broker.keys()):
        mine, theirs = book.get(key), broker.get(key)
        kind = _kind(mine, theirs, tolerance)
        if kind == "missing_at_broker" and accounts and login_account(key[0]) not in accounts:
            kind = "account_unknown"
        if kind is not None:
            found.append(Difference(key=key, kind=kind, book=mine, broker=theirs))
    return found


def held(positions: Iterable[Position], account: str | None = None) -> dict[PositionKey, Position]:
    """Take what is held, of one account with all its models, or of all."""
    return {
        position.key: position
        for position in positions
        if position.quantity != 0 and (account is None or is_in(position.account, account))
    }


def _kind(book: Position | None, broker: Position | None, tolerance: Decimal) -> Kind | None:
    if book is None:
        return "missing_in_book"
    if broker is None:
        return "missing_at_broker"
    if book.quantity != broker.quantity:
        return "quantity"
    # Of one unit: where the multiplier has changed, the same cost buys another amount.
    mine = book.avg_cost / book.contract.multiplier
    theirs = broker.avg_cost / broker.contract.multiplier
    return "avg_cost" if abs(mine - theirs) > abs(theirs) * tolerance else None
