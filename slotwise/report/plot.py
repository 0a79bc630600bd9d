"""A number over time, as a line of blocks for the terminal and as a picture for a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element

from slotwise.report.markup import tag

#: One point: when, and how much.
Point = tuple[datetime, float]
#: Eighths of a block, from the lowest to the highest.
BLOCKS = "▁▂▃▄▅▆▇█"
#: Pixels of a picture, and what is left free around its lines.
WIDTH, HEIGHT, EDGE = 900, 180, 28


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


def picture(title: str, rows: Sequence[tuple[str, Sequence[Point]]], zone: str) -> Element:
    """Draw rows of points, one below the other, as steps over one clock; an SVG element."""
    drawn = [(name, points) for name, points in rows if points]
    times = [at for _, points in drawn for at, _ in points]
    svg = tag(
        "svg",
        tag("title", title),
        tag("rect", width="100%", height="100%", fill="#fff"),
        xmlns="http://www.w3.org/2000/svg",
        width=WIDTH,
        height=max(len(drawn), 1) * HEIGHT + EDGE,
        style="font: 12px sans-serif",
    )
    svg.append(_text(EDGE, EDGE - 10, title))
    for number, (name, points) in enumerate(drawn):
        top = number * HEIGHT + EDGE
        low, high = _range(points)
        begin, end = min(times), max(times)
        svg.append(_text(EDGE, top + 14, f"{name}: {points[-1][1]:g} ({low:g} to {high:g})"))
        svg.append(_steps(points, begin, end, top))
        svg.append(_text(EDGE, top + HEIGHT - 4, f"{begin:%Y-%m-%d %H:%M:%S}"))
        svg.append(_text(WIDTH - EDGE, top + HEIGHT - 4, f"{end:%Y-%m-%d %H:%M:%S} {zone}", "end"))
    return svg


def _steps(points: Sequence[Point], begin: datetime, end: datetime, top: int) -> Element:
    low, high = _range(points)
    span_s = max((end - begin).total_seconds(), 1e-9)
    drawn = []
    before = None
    for at, value in points:
        x = EDGE + (at - begin).total_seconds() / span_s * (WIDTH - 2 * EDGE)
        y = top + HEIGHT - EDGE - (value - low) / (high - low) * (HEIGHT - 2 * EDGE - 20)
        if before is not None:
            drawn.append(f"{x:.1f},{before:.1f}")
        drawn.append(f"{x:.1f},{y:.1f}")
        before = y
    drawn.append(f"{WIDTH - EDGE},{before:.1f}")
    return tag("polyline", points=" ".join(drawn), fill="none", stroke="#2563eb")


def _text(x: int, y: int, said: str, anchor: str = "start") -> Element:
    return tag("text", said, x=x, y=y, text_anchor=anchor, fill="#111")


def _range(points: Sequence[Point]) -> tuple[float, float]:
    """Give lowest and highest; apart, so that a constant has a place."""
    low, high = min(value for _, value in points), max(value for _, value in points)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
