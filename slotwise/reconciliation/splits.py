"""Splits: shares that became more or fewer, and options that became other ones.

Rules:
* Of shares a split divides the cost by what it multiplies the quantity with; a part of a share is
  paid out. The ratio is one of small whole numbers.
* An option gives place to another of the same underlying, expiry and right: what is paid on
  exercise, quantity x multiplier x strike, stays the same, and so does the cost of all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from slotwise.position import Position
from slotwise.reconciliation.difference import Difference
from slotwise.reconciliation.trades import Explained, plain

#: Numbers of a ratio: the smaller one, and the larger one, are no larger.
SMALLER, LARGER = 10, 1000
#: Costs and strikes are rounded on the way; differences up to this fraction are none.
ROUNDING = Decimal("0.001")


def split(differences: Sequence[Difference]) -> dict[int, Explained]:
    """Explain the differences of one account and underlying that a split made, by contract."""
    found: dict[int, Explained] = {}
    for one in differences:
        ratio = None if one.contract.right else _ratio(one)
        if ratio is not None:
            found[one.con_id] = ("split", f"{ratio.numerator}:{ratio.denominator}, cost with it")
    old = [d for d in differences if d.contract.right and d.kind == "missing_at_broker"]
    new = [d for d in differences if d.contract.right and d.kind == "missing_in_book"]
    for before in old:
        after = next((d for d in new if d.con_id not in found and _became(before, d)), None)
        if after is not None:
            found[before.con_id] = ("split", f"became {_name_of(after)}")
            found[after.con_id] = ("split", f"was {_name_of(before)}")
    return found


def _ratio(shares: Difference) -> Fraction | None:
    """Return the new shares for an old one; None where it is no split."""
    book, broker = shares.book, shares.broker
    if book is None or broker is None or not book.avg_cost or not broker.avg_cost:
        return None
    exact = Fraction(book.avg_cost) / Fraction(broker.avg_cost)
    ratio = next(filter(None, (_near_ratio(exact, small) for small in range(1, SMALLER + 1))), None)
    if ratio is None or ratio == 1:
        return None
    return ratio if abs(Fraction(book.quantity) * ratio - Fraction(broker.quantity)) < 1 else None


def _near_ratio(exact: Fraction, small: int) -> Fraction | None:
    """Round to a ratio whose smaller number is `small`; None where that is too far off."""
    large = round(small * max(exact, 1 / exact))
    ratio = Fraction(large, small) if exact > 1 else Fraction(small, large)
    near = abs(exact / ratio - 1) <= Fraction(ROUNDING)
    return ratio if near and large <= LARGER else None


def _became(before: Difference, after: Difference) -> bool:
    old, new = before.book, after.broker
    if old is None or new is None:
        return False
    same = (old.contract.expiry, old.contract.right) == (new.contract.expiry, new.contract.right)
    cost, cost_after = _cost(old), _cost(new)
    if not same or cost is None or cost_after is None:
        return False
    return _near(_strike_value(old), _strike_value(new)) and _near(cost, cost_after)


def _strike_value(position: Position) -> Decimal:
    contract = position.contract
    return position.quantity * contract.multiplier * (contract.strike or Decimal(0))


def _cost(position: Position) -> Decimal | None:
    return None if position.avg_cost is None else position.quantity * position.avg_cost


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= abs(other) * ROUNDING


def _name_of(option: Difference) -> str:
    contract = option.contract
    return f"{contract.label} x {plain(contract.multiplier)} (contract {contract.con_id})"
