"""Splits: what shares and options become.

Shares are multiplied and their cost is divided; a part of a share is paid out. Options follow the
rules of the OCC: a whole split (2:1) multiplies the contracts and divides the strike; any other
(3:2, 1:10) leaves the number of contracts, changes what each delivers and the strike with it, and
marks the class with a 1. Either way the contract is another one, with another id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from tws_simulator.errors import ControlError
from tws_simulator.instruments.contract import Contract, option_local_symbol

#: Largest number on either side of a ratio.
LARGEST = 1000
#: Places of a strike: the OCC's symbols have no more.
STRIKE_PLACES = 3

_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})\Z")


@dataclass(frozen=True, slots=True)
class Ratio:
    """Hold how many new shares there are for how many old ones."""

    new: int
    old: int

    @property
    def factor(self) -> Fraction:
        """Return the new shares for one old one."""
        return Fraction(self.new, self.old)

    @property
    def is_whole(self) -> bool:
        """Return whether each old share becomes a whole number of new ones."""
        return self.factor.denominator == 1


def read_ratio(text: str) -> Ratio:
    """Read a ratio such as 2:1 or 1:10; raises ControlError."""
    match = _RATIO.match(text)
    new, old = (int(match[1]), int(match[2])) if match else (0, 0)
    if not match or max(new, old) > LARGEST or new == old:
        raise ControlError("ratio must be new shares for old ones, such as 2:1 or 1:10")
    return Ratio(new, old)


def split_shares(quantity: Decimal, ratio: Ratio) -> tuple[Decimal, Decimal]:
    """Return the whole shares that a quantity becomes, and the part of a share that is paid out."""
    exact = quantity * ratio.new / ratio.old
    whole = exact.to_integral_value(rounding="ROUND_DOWN")
    return whole, exact - whole


def split_option(contract: Contract, ratio: Ratio, con_id: int) -> Contract:
    """Return the option that takes the place of one; raises ControlError where none can."""
    strike = round(float(Fraction(str(contract.strike)) / ratio.factor), STRIKE_PLACES)
    trading_class, multiplier = contract.trading_class, contract.multiplier
    if not ratio.is_whole:
        delivered = Fraction(multiplier) * ratio.factor
        if delivered.denominator != 1:
            raise ControlError(
                f"{contract.local_symbol} would deliver a part of a share after {ratio.new}:"
                f"{ratio.old}"
            )
        trading_class, multiplier = f"{trading_class.rstrip('1')}1", Decimal(int(delivered))
    return replace(
        contract,
        con_id=con_id,
        strike=strike,
        multiplier=multiplier,
        trading_class=trading_class,
        local_symbol=option_local_symbol(trading_class, contract.expiry, contract.right, strike),
    )


def split_contracts(quantity: Decimal, ratio: Ratio) -> Decimal:
    """Return how many adjusted options a number of options becomes."""
    return quantity * int(ratio.factor) if ratio.is_whole else quantity
