"""A position, as an account holds it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from workers.simulator.instruments.contract import Contract


@dataclass(frozen=True, slots=True)
class Position:
    """Hold so much of a contract; `avg_cost` is money per contract, the multiplier included."""

    account: str
    contract: Contract
    quantity: Decimal
    avg_cost: float
