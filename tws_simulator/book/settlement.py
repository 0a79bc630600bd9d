"""What becomes of a position when its contract expires."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tws_simulator.book.position import Position

#: Options that are this much in the money, price per share, are exercised without
#: an instruction (OCC, exercise by exception).
EXERCISED_FROM = Decimal("0.01")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Settlement:
    """Hold the shares and the money an account gets; negative ones it gives.

    `price` is what a share is delivered at.
    """

    shares: Decimal = NOTHING
    cash: Decimal = NOTHING
    price: Decimal = NOTHING


def settle(held: Position, spot: Decimal, *, physical: bool) -> Settlement:
    """Settle a position at the underlying's last price; `physical` options deliver shares.

    Futures have no value of their own besides the price here, so all of it becomes cash.
    """
    contract = held.contract
    money = held.quantity * contract.money_per_point
    if not contract.right:
        return Settlement(cash=money * spot)
    strike = Decimal(str(contract.strike))
    sign = 1 if contract.right == "C" else -1
    intrinsic = sign * (spot - strike)
    if intrinsic < EXERCISED_FROM:
        return Settlement()
    if not physical:
        return Settlement(cash=money * intrinsic)
    shares = sign * held.quantity * contract.multiplier
    return Settlement(shares, -shares * strike / contract.price_magnifier, strike)
