"""The result of a benchmark: ratios with their spread, tables and curves. Pure values."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

Better: TypeAlias = Literal["less", "more"]


class Spread(msgspec.Struct, frozen=True):
    """Hold what was measured several times in one run: lowest, median, highest."""

    low: float
    median: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Sum up values; raises ValueError where there are none."""
        if not values:
            raise ValueError("a spread of no values")
        return cls(min(values), statistics.median(values), max(values), len(values))


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one ratio of a run, what it is of, and its goal.

    `better` says which way is progress; `goal` is None where there is none. `noise` is the share
    by which the median may get worse from run to run without anything having changed. `profile` is
    the title of the part's table that says where the time goes, should the goal be missed. One that
    `may_lack` is left out of a run in which it would be noise.
    """

    name: str
    of: str
    value: Spread
    better: Better
    goal: float | None = None
    noise: float = 0.25
    profile: str = ""
    may_lack: bool = False

    @property
    def met(self) -> bool | None:
        """Return whether the median reaches the goal; None without one."""
        if self.goal is None:
            return None
        median = self.value.median
        return median <= self.goal if self.better == "less" else median >= self.goal


class Table(msgspec.Struct, frozen=True):
    """Hold absolute figures beside their machine: a heading, columns, and rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Curve(msgspec.Struct, frozen=True):
    """Hold one line of a plot: its name and points, x ascending."""

    name: str
    points: tuple[tuple[float, float], ...]


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one picture: what is drawn over what, and whether the axes are logarithmic."""

    name: str
    title: str
    x: str
    y: str
    curves: tuple[Curve, ...]
    log_x: bool = False
    log_y: bool = False


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one benchmark found; `how` states in some sentences what was compared with what."""

    name: str
    title: str
    how: str
    ratios: tuple[Ratio, ...]
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError where a ratio names a profile that the part has not."""
        titles = {table.title for table in self.tables}
        for ratio in self.ratios:
            if ratio.profile and ratio.profile not in titles:
                raise ValueError(f"{self.name}: {ratio.name} names no table: {ratio.profile!r}")


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Hold where absolute figures were measured."""

    cpu: str
    cores: int
    memory_gb: float
    system: str
    python: str
    packages: dict[str, str]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one whole run; times are UTC in ISO form."""

    at: str
    machine: Machine
    parts: tuple[Part, ...]
    #: Of the full effort; less has fewer rounds and shorter windows.
    share: float = 1.0


def ratios_of(ours: Sequence[float], beside: Sequence[float]) -> Spread:
    """Divide pairs that were measured side by side, and sum the quotients up."""
    return Spread.of([one / other for one, other in zip(ours, beside, strict=True)])


def number(value: float) -> str:
    """Write a figure with three digits that count, without an exponent."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"
