"""Axes of a plot: which values and times are marked, and how they are written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil, floor, log10
from zoneinfo import ZoneInfo

#: Steps of an axis of values, before their power of ten.
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Steps of an axis of times.
TIME_STEPS = (
    *(timedelta(seconds=s) for s in (1, 5, 15, 30)),
    *(timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=h) for h in (1, 2, 3, 6, 12)),
    *(timedelta(days=d) for d in (1, 2, 7, 14, 30, 90, 365)),
)
DAY = timedelta(days=1)


def value_range(values: Sequence[float]) -> tuple[float, float]:
    """Return lowest and highest value; apart, so that a constant has a place."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def value_marks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return round values from low to high, at most this many, each as it is written."""
    raw = (high - low) / max(most, 1)
    unit = 10.0 ** floor(log10(raw))
    step = next(unit * one for one in STEPS if unit * one >= raw * (1 - 1e-9))
    places = max(0, -floor(log10(step) + 1e-9) + (1 if f"{step / unit:g}" == "2.5" else 0))
    found = []
    for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1):
        found.append((number * step, f"{number * step:,.{places}f}"))
    return found[:most] if most else []


def time_marks(
    begin: datetime, end: datetime, zone: ZoneInfo, most: int
) -> list[tuple[datetime, str]]:
    """Return round times from begin to end by a zone's clock, at most this many, as written."""
    long = end - begin
    step = next((one for one in TIME_STEPS if one * most >= long), TIME_STEPS[-1])
    midnight = begin.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if step >= DAY:
        text, at = "%m-%d", midnight
    else:
        text = "%H:%M:%S" if step < timedelta(minutes=1) else "%H:%M"
        at = midnight + (begin.astimezone(zone) - midnight) // step * step
    found: list[tuple[datetime, str]] = []
    while at <= end and len(found) < most:
        if at >= begin:
            found.append((at, f"{at:{text}}"))
        at += step
    return found
