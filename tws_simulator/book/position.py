"""A position, as an account holds it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal
from math import isnan, nan

from tws_simulator.instruments.contract import Contract

#: How TWS sends an unknown average cost (reports): NaN, or the largest double.
NOT_A_NUMBER, UNSET = nan, sys.float_info.max


@dataclass(frozen=True, slots=True)
class Position:
    """Hold so much of a contract; `avg_cost` is money per contract, the multiplier included."""

    account: str
    contract: Contract
    quantity: Decimal
    avg_cost: float

    @property
    def known_cost(self) -> Decimal | None:
        """Return the average cost; None where TWS has none."""
        return known_cost(self.avg_cost)


def known_cost(avg_cost: float) -> Decimal | None:
    """Return an average cost as an exact number; None where it is not known."""
    if isnan(avg_cost) or avg_cost == UNSET:
        return None
    return Decimal(str(avg_cost))
