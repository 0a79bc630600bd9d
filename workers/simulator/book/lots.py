"""The average cost of a position that grows, shrinks or turns round."""

from __future__ import annotations

from decimal import Decimal


def average_cost(quantity: Decimal, avg_cost: float, change: Decimal, price: float) -> float:
    """Return the cost per contract after a change at a price per contract.

    What is added is averaged in, what is taken away leaves the average as it is, and what is left
    beyond zero costs what it was changed at.
    """
    after = quantity + change
    if not after:
        return 0.0
    if not quantity or (quantity > 0) != (after > 0):
        return price
    if abs(after) < abs(quantity):
        return avg_cost
    return float((quantity * Decimal(avg_cost) + change * Decimal(price)) / after)
