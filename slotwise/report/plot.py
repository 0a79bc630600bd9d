"""A number over time, as a line of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

#: One point: when, and how much.
Point = tuple[datetime, float]
#: Eighths of a block, from the lowest to the highest.
BLOCKS = "▁▂▃▄▅▆▇█"


def blocks(points: Sequence[Point], width: int) -> str:
    """Draw points as `width` blocks over their time; a column holds the last value by then."""
    if not points or width < 1:
        return ""
    begin, end = points[0][0], points[-1][0]
    low, high = _range(points)
    drawn, place = "", 0
    for column in range(width):
        by = begin + (end - begin) * ((column + 1) / width)
        while place + 1 < len(points) and points[place + 1][0] <= by:
            place += 1
        drawn += BLOCKS[round((points[place][1] - low) / (high - low) * (len(BLOCKS) - 1))]
    return drawn


def _range(points: Sequence[Point]) -> tuple[float, float]:
    """Return lowest and highest; apart, so that a constant has a place."""
    low, high = min(value for _, value in points), max(value for _, value in points)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
