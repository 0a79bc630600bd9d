"""A contract's past as PNG, by matplotlib: the only code of the product that imports it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from slotwise.errors import InputError
from slotwise.report.axes import time_marks, value_marks, value_range
from slotwise.report.history_plot import TIMES, VALUES, HistoryPlot

#: Inches of a picture, and dots an inch: 1,350 pixels across.
ACROSS, DOWN, DPI = 9.0, 5.4, 150
BLUE, GREEN, RED = "#2563eb", "#15803d", "#b91c1c"


def write_png(plot: HistoryPlot, file: Path) -> None:
    """Draw a plot into a file; raises InputError without matplotlib, OSError for the file."""
    try:
        from matplotlib.dates import date2num
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError(
            "a PNG needs matplotlib: pip install 'slotwise[plot]', or draw an .svg"
        ) from error
    figure = Figure(figsize=(ACROSS, DOWN), layout="constrained")
    panels = [
        (name, points) for name, points in (("quantity", plot.quantity), ("price", plot.price))
        if points
    ]  # fmt: skip
    zone = ZoneInfo(plot.zone)
    for number, (name, points) in enumerate(panels, 1):
        axes = figure.add_subplot(len(panels), 1, number)
        times, values = [at for at, _ in points], [value for _, value in points]
        axes.step(
            date2num([*times, plot.end]),
            [*values, values[-1]],
            where="post",
            color=BLUE,
            linewidth=1,
        )
        if name == "price":
            if plot.band:
                at, lower, upper = (list(column) for column in zip(*plot.band, strict=True))
                axes.fill_between(date2num(at), lower, upper, color=BLUE, alpha=0.15, linewidth=0)
                values += [*lower, *upper]
            for fill in plot.fills:
                if fill.price is not None:
                    is_bought = fill.quantity > 0
                    axes.plot(
                        [float(date2num(fill.at))],
                        [fill.price],
                        "^" if is_bought else "v",
                        color=GREEN if is_bought else RED,
                        fillstyle="none" if fill.is_inferred else "full",
                    )
        value_ticks = value_marks(*value_range(values), VALUES)
        axes.set_yticks([value for value, _ in value_ticks], [text for _, text in value_ticks])
        time_ticks = time_marks(plot.begin, plot.end, zone, TIMES)
        axes.set_xticks(date2num([at for at, _ in time_ticks]), [text for _, text in time_ticks])
        axes.set_ylabel(name)
        axes.grid(visible=True, color="#dddddd")
        if number == 1:
            axes.set_title(f"{plot.title}, times in {plot.zone}")
    figure.savefig(file, dpi=DPI, format="png")
