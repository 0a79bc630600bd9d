"""A leg with the quantity that a strategy holds of it: `SPY 20261218 P 560 x -2`, `761 x 10`.

    shared leg = leg [x NUMBER]

The number is signed, negative where the strategy is short. Rules:
* The `x` is small, or the sign is written: `SPX 20261218 P X 560` has a trading class.
* Without a quantity the strategy has whatever others leave of the contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from slotwise.errors import InputError
from slotwise.leg import Leg, no_leg, pieces, read_leg

_SHARED = re.compile(
    r"(?P<leg>.*\S)\s+(?:x\s*(?P<small>[+-]?[0-9]{1,12}(?:\.[0-9]{1,6})?)"
    r"|X\s*(?P<signed>[+-][0-9]{1,12}(?:\.[0-9]{1,6})?))\s*"
)
#: Something with an x at its end that is no quantity.
_MEANT = re.compile(r".*\sx\s*\S*\s*")


class SharedLeg(msgspec.Struct, frozen=True):
    """A leg, and how much of it the strategy holds; None is whatever others leave."""

    leg: Leg
    quantity: Decimal | None = None


def read_shared_legs(text: str) -> tuple[SharedLeg, ...]:
    """Read legs, with or without quantities, separated by commas, semicolons or lines.

    What follows # on a line is a remark. Raises InputError for a leg that cannot be understood,
    or where there is none.
    """
    legs = tuple(read_shared_leg(piece) for line in text.splitlines() for piece in pieces(line))
    if not legs:
        raise no_leg()
    return legs


def read_shared_leg(text: str) -> SharedLeg:
    """Read one leg with or without a quantity; raises InputError."""
    found = _SHARED.fullmatch(text)
    if found is None:
        if _MEANT.fullmatch(text):
            raise InputError(f"leg {text!r}: behind x stands a signed number, such as x -2")
        return SharedLeg(read_leg(text))
    quantity = Decimal(found["small"] or found["signed"])
    if not quantity:
        raise InputError(f"leg {text!r}: a quantity of 0 is no leg")
    return SharedLeg(read_leg(found["leg"]), quantity)


def quantities_of(legs: Iterable[tuple[int, Decimal | None]]) -> dict[int, Decimal]:
    """Return the quantity of each contract that has one; one named twice has the sum.

    Raises InputError for a contract that is named both with and without a quantity, and for one
    whose quantities cancel out.
    """
    found: dict[int, Decimal] = {}
    without: set[int] = set()
    for con_id, quantity in legs:
        if quantity is None:
            without.add(con_id)
        else:
            found[con_id] = found.get(con_id, Decimal(0)) + quantity
    for con_id, quantity in found.items():
        if con_id in without:
            raise InputError(f"contract {con_id} is named with a quantity and without one")
        if not quantity:
            raise InputError(f"the quantities of contract {con_id} come to 0")
    return found


def quantity_words(con_id: int, quantities: Mapping[int, Decimal]) -> str:
    """Write a contract with its quantity, where it has one, as a leg is read: `761 x -2`."""
    quantity = quantities.get(con_id)
    return str(con_id) if quantity is None else f"{con_id} x {quantity.normalize():f}"
