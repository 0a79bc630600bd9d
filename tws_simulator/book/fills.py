"""What a fill does to a position and to money.

Costs follow IB: the average cost has the commission in it, what closes leaves the average of the
rest as it is, and what goes through zero closes all and opens anew. Realized profit is what came
in for the closed part, less its cost and its share of the commission.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Fill:
    """Hold one fill: a change of the quantity, signed, at a price; `commission` is money.

    `multiplier` turns the price of one unit into money.
    """

    change: Decimal
    price: Decimal
    multiplier: Decimal
    commission: Decimal

    @property
    def cash(self) -> Decimal:
        """Return what comes in; money that goes out is negative."""
        return -self.change * self.price * self.multiplier - self.commission


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what is held afterwards.

    `avg_cost` is None where it is not known, `realized` where nothing was closed or the cost of
    what was closed is not known.
    """

    quantity: Decimal
    avg_cost: Decimal | None
    realized: Decimal | None


def after(quantity: Decimal, avg_cost: Decimal | None, fill: Fill) -> Outcome:
    """Return a position after a fill; `avg_cost` is money per contract, None is not known."""
    change = fill.change
    per_contract = fill.price * fill.multiplier
    # A buyer pays the commission on top of the price, a seller gets that much less.
    opened_at = per_contract + fill.commission / change
    left = quantity + change
    if avg_cost is None:
        through_zero = quantity * left < 0
        return Outcome(left, opened_at if through_zero else None if left else Decimal(0), None)
    if quantity * change >= 0:
        whole = left
        return Outcome(whole, (quantity * avg_cost + change * opened_at) / whole, None)
    closed = min(abs(quantity), abs(change))
    direction = 1 if quantity > 0 else -1
    share = fill.commission * closed / abs(change)
    realized = direction * closed * (per_contract - avg_cost) - share
    if not left:
        return Outcome(left, Decimal(0), realized)
    return Outcome(left, avg_cost if left * quantity > 0 else opened_at, realized)
