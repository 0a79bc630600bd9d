"""Prices on their grid."""

from __future__ import annotations

from math import ceil, floor

#: Decimals kept after rounding to a tick, and those for ticks that are finer than the former.
DECIMALS, FINE_DECIMALS = 4, 10
FINEST = 0.0001


def to_tick(price: float, tick: float) -> float:
    """Round to the nearest tick."""
    return round(round(price / tick) * tick, _decimals(tick))


def down(price: float, tick: float) -> float:
    """Round down to a tick; a price already on one stays."""
    return round(floor(price / tick + 1e-9) * tick, _decimals(tick))


def up(price: float, tick: float) -> float:
    """Round up to a tick; a price already on one stays."""
    return round(ceil(price / tick - 1e-9) * tick, _decimals(tick))


def _decimals(tick: float) -> int:
    return DECIMALS if tick >= FINEST else FINE_DECIMALS
