"""Scales: where a number is drawn between the floor (0) and the ceiling (1), and what is marked."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, isfinite, log10
from typing import Protocol

#: Marks of the scale of ages, seconds.
AGES = (
    (1.0, "1 s"), (10.0, "10 s"), (60.0, "1 min"), (600.0, "10 min"), (3600.0, "1 h"),
    (36000.0, "10 h"), (360000.0, "100 h"),
)  # fmt: skip


class Scale(Protocol):
    """Place numbers on a height; None is a number that cannot be placed."""

    def height(self, value: float | None) -> float | None:
        """Return how high a number is."""
        ...

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Return the grid lines, each with its words, the lowest first."""
        ...


class Linear:
    """Place numbers from nothing to a round number no smaller than any of them."""

    def __init__(self, values: Iterable[float | None]) -> None:
        self._top = _round_up(max(_finite(values), default=1.0))

    def height(self, value: float | None) -> float | None:
        """Return how high a number is."""
        if value is None or not isfinite(value):
            return None
        return min(max(value / self._top, 0.0), 1.0)

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Mark the half and the top."""
        return ((0.5, _count(self._top / 2)), (1.0, _count(self._top)))


class Ages:
    """Place ages in seconds by their order of magnitude; a second or less is the floor."""

    def __init__(self, values: Iterable[float | None]) -> None:
        oldest = max(_finite(values), default=1.0)
        above = [mark for mark in AGES if mark[0] >= oldest and mark[0] > 1]
        self._marks = [m for m in AGES if m[0] <= (above[0] if above else AGES[-1])[0]]

    def height(self, value: float | None) -> float | None:
        """Return how high an age is."""
        if value is None or not isfinite(value):
            return None
        return min(log10(max(value, 1.0)) / log10(self._marks[-1][0]), 1.0)

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Mark orders of magnitude."""
        return tuple((self.height(at) or 0.0, name) for at, name in self._marks[1:])


def _finite(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None and isfinite(value)]


def _count(value: float) -> str:
    return f"{value:g}" if value < 10 else f"{value:,.0f}"


def _round_up(value: float) -> float:
    """Return the next number with a leading 1, 2 or 5."""
    if value <= 1:
        return 1.0
    unit = 10.0 ** floor(log10(value))
    return next((n * unit for n in (1, 2, 5) if n * unit >= value), unit * 10)
