"""A difference: one holding that book and broker do not agree on, its cause not known yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

import msgspec

from slotwise.account import is_in, login_account
from slotwise.contract import Contract, PositionKey
from slotwise.position import Position
from slotwise.precision import EXACT, stored_cost, stored_quantity
from slotwise.reconciliation.report import Kind

#: Largest difference of average cost, as a fraction, that is not a break: none, since both sides
#: are compared as they are stored.
AVG_COST_TOLERANCE = Decimal(0)
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
        """Return the contract, the broker's where it has it."""
        known = self.broker or self.book
        assert known is not None, "a difference has at least one side"
        return known.contract

    @property
    def change(self) -> Decimal:
        """Return what has to be added to the book's quantity, signed."""
        theirs = NOTHING if self.broker is None else stored_quantity(self.broker.quantity)
        return theirs - (NOTHING if self.book is None else stored_quantity(self.book.quantity))


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
    """Take what is held, of one account with all its models, or of all.

    Less than the last decimal that is stored is nothing.
    """
    return {
        position.key: position
        for position in positions
        if stored_quantity(position.quantity) != 0
        and (account is None or is_in(position.account, account))
    }


def _kind(book: Position | None, broker: Position | None, tolerance: Decimal) -> Kind | None:
    if book is None:
        return "missing_in_book"
    if broker is None:
        return "missing_at_broker"
    if stored_quantity(book.quantity) != stored_quantity(broker.quantity):
        return "quantity"
    return None if _cost_is_same(book, broker, tolerance) else "avg_cost"


def _cost_is_same(book: Position, broker: Position, tolerance: Decimal) -> bool:
    """Compare costs as they are stored; one that is unknown is no difference."""
    mine, theirs = stored_cost(book.avg_cost), stored_cost(broker.avg_cost)
    if mine is None or theirs is None:
        return True
    # Of one unit: where the multiplier has changed, the same cost buys another amount. Multiplied
    # crosswise, so that nothing is divided.
    ours, other = book.contract.multiplier, broker.contract.multiplier
    if ours and other:
        mine, theirs = EXACT.multiply(mine, other), EXACT.multiply(theirs, ours)
    return abs(EXACT.subtract(mine, theirs)) <= EXACT.multiply(abs(theirs), tolerance)
