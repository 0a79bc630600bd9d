"""What IB charges for an order: its fixed prices for US clients, without exchange fees."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from workers.simulator.instruments.contract import SecType

#: For each share or contract, USD (IB's price list, fixed).
RATE: Mapping[SecType, Decimal] = {
    "STK": Decimal("0.005"),
    "OPT": Decimal("0.65"),
    "FUT": Decimal("0.85"),
    "IND": Decimal(0),
}
#: Least for an order, USD; futures have none.
LEAST: Mapping[SecType, Decimal] = {
    "STK": Decimal(1),
    "OPT": Decimal(1),
    "FUT": Decimal(0),
    "IND": Decimal(0),
}


def commission(sec_type: SecType, filled: Decimal) -> Decimal:
    """Return what an order costs that has filled so much."""
    return max(filled * RATE[sec_type], LEAST[sec_type]) if filled else Decimal(0)


def added(sec_type: SecType, before: Decimal, filled: Decimal) -> Decimal:
    """Return what the next fill of an order costs that had filled so much before."""
    return commission(sec_type, before + filled) - commission(sec_type, before)
