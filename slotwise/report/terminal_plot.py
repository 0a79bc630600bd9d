"""A contract's price on a terminal: rows of characters with axes, grid and fills. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from slotwise.report.axes import time_marks, value_marks, value_range
from slotwise.report.history_plot import HistoryPlot

#: Rows of the plot, marks on its left, and columns between two marks of time at least.
ROWS, VALUES, APART = 10, 5, 12
LINE, BAND, GRID = "•", "░", "·"
#: Signs of a fill: an execution, and one that is inferred.
BOUGHT, SOLD = ("▲", "△"), ("▼", "▽")


def plot_lines(plot: HistoryPlot, width: int) -> list[str]:
    """Draw the price in a width; a column has the last price by then. Empty without a price."""
    if not plot.price:
        return []
    values = [value for _, value in plot.price]
    values += [edge for _, lower, upper in plot.band for edge in (lower, upper)]
    low, high = value_range(values)
    marks = {_row(value, low, high): text for value, text in value_marks(low, high, VALUES)}
    left = max((len(text) for text in marks.values()), default=0)
    across = max(width - left - 3, 1)
    cells = [[GRID if row in marks else " "] * across for row in range(ROWS)]
    span_s = max((plot.end - plot.begin).total_seconds(), 1e-9)

    def column(at: datetime) -> int:
        return min(int((at - plot.begin).total_seconds() / span_s * across), across - 1)

    for at, lower, upper in plot.band:
        for row in range(_row(upper, low, high), _row(lower, low, high) + 1):
            cells[row][column(at)] = BAND
    last: dict[int, float] = {column(at): value for at, value in plot.price}
    value = plot.price[0][1]
    for place in range(column(plot.price[0][0]), across):
        value = last.get(place, value)
        cells[_row(value, low, high)][place] = LINE
    for fill in plot.fills:
        if fill.price is not None:
            sign = (BOUGHT if fill.quantity > 0 else SOLD)[fill.is_inferred]
            cells[_row(fill.price, low, high)][column(fill.at)] = sign
    edges = [f"{marks.get(row, ''):>{left}} {'┤' if row in marks else '│'}" for row in range(ROWS)]
    lines = [f"{edge} {''.join(cells[row])}".rstrip() for row, edge in enumerate(edges)]
    return [*lines, *_time_axis(plot, left, across, column)]


def _time_axis(
    plot: HistoryPlot, left: int, across: int, column: Callable[[datetime], int]
) -> list[str]:
    axis, names = ["─"] * across, [" "] * across
    taken = -1
    for at, text in time_marks(plot.begin, plot.end, ZoneInfo(plot.zone), across // APART or 1):
        place = column(at)
        if place <= taken or place + len(text) > across:
            continue
        axis[place] = "┬"
        names[place : place + len(text)] = text
        taken = place + len(text)
    space = " " * left
    return [f"{space} └─{''.join(axis)}", f"{space}   {''.join(names)} {plot.zone}".rstrip()]


def _row(value: float, low: float, high: float) -> int:
    """Return the row of a value, the highest first."""
    return min(max(round((high - value) / (high - low) * (ROWS - 1)), 0), ROWS - 1)
