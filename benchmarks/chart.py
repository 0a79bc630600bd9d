"""Plots as SVG files, drawn by matplotlib."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import Plot
from slotwise.errors import InputError

#: Inches of a picture.
SIZE = (7.2, 3.4)


def draw(plot: Plot, file: Path) -> None:
    """Draw a plot; the same figures give the same file. Raises InputError without matplotlib."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError(
            "plots need matplotlib: install the development requirements with `make setup`"
        ) from error
    # Texts stay texts, and nothing in the file is random.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": plot.name, "font.size": 9})
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    for curve in plot.curves:
        if curve.points:
            xs, ys = zip(*curve.points, strict=True)
            # Many points are a course, few are measurements.
            axes.plot(xs, ys, label=curve.name, marker="o" if len(xs) < 20 else "", markersize=4)
    axes.set(title=plot.title, xlabel=plot.x, ylabel=plot.y)
    axes.set_xscale("log" if plot.log_x else "linear")
    axes.set_yscale("log" if plot.log_y else "linear")
    if not plot.log_y:
        axes.set_ylim(bottom=0)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
