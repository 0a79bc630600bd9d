"""What IB charges for an order: its fixed prices for US clients, without exchange fees."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tws_simulator.instruments.kinds import SecType

#: For each share or contract, in its currency (IB's price list in dollars, fixed; only STK, OPT
#: and FUT are from it). Types without a rate cost nothing.
RATE: Mapping[SecType, Decimal] = {
    "STK": Decimal("0.005"), "OPT": Decimal("0.65"), "FUT": Decimal("0.85"),
    "FOP": Decimal("0.85"), "WAR": Decimal("0.005"), "IOPT": Decimal("0.005"),
    "CFD": Decimal("0.005"), "BOND": Decimal(1), "BILL": Decimal(1),
}  # fmt: skip
#: Least for an order, in the contract's currency; types without it have none.
LEAST: Mapping[SecType, Decimal] = {
    "STK": Decimal(1), "OPT": Decimal(1), "WAR": Decimal(1), "IOPT": Decimal(1),
    "CFD": Decimal(1), "BOND": Decimal(1), "BILL": Decimal(1), "CASH": Decimal(2),
}  # fmt: skip
NOTHING = Decimal(0)


def commission(sec_type: SecType, filled: Decimal) -> Decimal:
    """Return what an order costs that has filled so much."""
    if not filled:
        return NOTHING
    return max(filled * RATE.get(sec_type, NOTHING), LEAST.get(sec_type, NOTHING))


def added(sec_type: SecType, before: Decimal, filled: Decimal) -> Decimal:
    """Return what the next fill of an order costs that had filled so much before."""
    return commission(sec_type, before + filled) - commission(sec_type, before)
