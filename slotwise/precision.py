"""Precision: how exact numbers are kept, by one rule that lake and reconciliation share.

A decimal is rounded half to even to the decimals of its column, once, when it is stored. What the
broker says is compared with the book after the same rounding, so a number with more decimals than
its column matches what was stored of it, and a change of the last stored decimal does not.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

#: Decimals of prices and costs per unit, of quantities, of money, of strikes, and of multipliers,
#: ticks and coupons. IB trades in steps of 0.00000001 at the finest (crypto); ratios of warrants
#: are finer.
PRICE_DECIMALS = 8
QUANTITY_DECIMALS = 8
MONEY_DECIMALS = 8
STRIKE_DECIMALS = 6
FINE_DECIMALS = 12
#: Arithmetic on money, with 200 digits: products of four numbers as TWS sends them have at most 80,
#: and a quotient of 200 rounds to 8 decimals as the exact one does.
EXACT = Context(prec=200, rounding=ROUND_HALF_EVEN)
#: One unit of the last decimal, by the number of decimals.
_STEPS = [Decimal(1).scaleb(-decimals) for decimals in range(39)]


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Round to a column's decimals, half to even.

    Raises ArithmeticError for what is no finite number.
    """
    return value.quantize(_STEPS[decimals], None, EXACT)


def stored_quantity(quantity: Decimal) -> Decimal:
    """Round a quantity as the lake stores it; one too large for any column is not changed."""
    return _round_where_possible(quantity, QUANTITY_DECIMALS)


def stored_cost(cost: Decimal | None) -> Decimal | None:
    """Round an average cost as the lake stores it; None stays unknown."""
    return None if cost is None else _round_where_possible(cost, PRICE_DECIMALS)


def _round_where_possible(value: Decimal, decimals: int) -> Decimal:
    try:
        return rounded(value, decimals)
    except ArithmeticError:
        return value
