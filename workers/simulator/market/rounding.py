"""Prices on their grid."""

from __future__ import annotations

from math import ceil, floor

#: Decimals kept after rounding to a tick: no tick of ours is finer.
DECIMALS = 4


def to_tick(price: float, tick: float) -> float:
    """Round to the nearest tick."""
    return round(round(price / tick) * tick, DECIMALS)


def down(price: float, tick: float) -> float:
    """Round down to a tick; a price already on one stays."""
    return round(floor(price / tick + 1e-9) * tick, DECIMALS)


def up(price: float, tick: float) -> float:
    """Round up to a tick; a price already on one stays."""
    return round(ceil(price / tick - 1e-9) * tick, DECIMALS)
