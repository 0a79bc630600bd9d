"""Time cut into equal slots."""

from __future__ import annotations

#: Share of a slot by which a time may fall short of the slot it begins: 0.1 s is no binary
#: fraction, so that a slot's own start divided by it can come out too small.
TOLERANCE = 1e-6


def slot(now: float, length_s: float) -> int:
    """Return the number of the slot that a time lies in."""
    return int(now / length_s + TOLERANCE)
