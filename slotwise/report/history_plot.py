"""What is drawn of one contract's past: quantity and price over time, with fills and bands. Pure.

One value for the terminal (`terminal_plot.py`), for SVG (here) and for PNG (`png.py`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import msgspec

from slotwise.lake.history import Seen
from slotwise.lake.price_history import Priced
from slotwise.reconciliation.evidence import Execution
from slotwise.reconciliation.executions import QuantityChange, unexplained
from slotwise.report.axes import time_marks, value_marks, value_range
from slotwise.report.markup import tag
from slotwise.report.plot import Point

#: Pixels of a picture: of a panel, and around what is drawn.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 900, 240, 80, 20, 34, 26
#: Marks of an axis at most.
VALUES, TIMES = 6, 9


class Fill(msgspec.Struct, frozen=True):
    """An execution, or a change of the quantity held that executions do not explain.

    Such a change is inferred: its price is the last one known by then, None where none is.
    """

    at: datetime
    account: str
    quantity: float
    price: float | None
    is_inferred: bool


class HistoryPlot(msgspec.Struct, frozen=True, kw_only=True):
    """Quantity, price and what belongs to them over one time."""

    title: str
    zone: str
    begin: datetime
    end: datetime
    quantity: tuple[Point, ...]
    price: tuple[Point, ...]
    #: Lower and upper edge of the band of marks.
    band: tuple[tuple[datetime, float, float], ...] = ()
    fills: tuple[Fill, ...] = ()


def history_plot(
    title: str,
    states: Sequence[Seen],
    prices: Sequence[Priced],
    zone: str,
    executions: Sequence[Execution] = (),
) -> HistoryPlot | None:
    """Put states, prices and executions together; None where there is nothing to draw."""
    known = sorted(
        [
            *prices,
            *(
                Priced(at=state.observed_at, value=float(state.price), by="position")
                for state in states
                if state.price is not None
            ),
            *(
                Priced(at=one.at, value=float(one.price), by="execution")
                for one in executions
                if one.price.is_finite()
            ),
        ],
        key=lambda one: one.at,
    )
    quantity: list[Point] = []
    changes: dict[str, list[QuantityChange]] = {state.account: [] for state in states}
    held: dict[str, Decimal] = {}
    for state in states:
        before = held.get(state.account)
        held[state.account] = state.quantity
        quantity.append((state.observed_at, float(sum(held.values()))))
        # What is seen first may have been held before.
        if before is not None and before != state.quantity:
            changes[state.account].append(
                QuantityChange(state.observed_at, state.quantity - before)
            )
    fills = [Fill(one.at, one.account, float(one.quantity), float(one.price), False)
             for one in executions]  # fmt: skip
    for account, steps in changes.items():
        rests = unexplained(steps, [one for one in executions if one.account == account])
        fills += [
            Fill(step.at, account, float(rest), _price_by(known, step.at), True)
            for step, rest in zip(steps, rests, strict=True)
            if rest
        ]
    points = [*quantity, *((one.at, one.value) for one in known)]
    if not points:
        return None
    return HistoryPlot(
        title=title,
        zone=zone,
        begin=min(at for at, _ in points),
        end=max(at for at, _ in points),
        quantity=tuple(quantity),
        price=tuple((one.at, one.value) for one in known),
        band=tuple(
            (one.at, one.value - one.band, one.value + one.band)
            for one in known
            if one.band is not None
        ),
        fills=tuple(sorted(fills, key=lambda fill: fill.at)),
    )


def _price_by(known: Sequence[Priced], at: datetime) -> float | None:
    place = bisect_right(known, at, key=lambda one: one.at)
    return known[place - 1].value if place else None


def svg_picture(plot: HistoryPlot) -> Element:
    """Draw it as SVG: a panel each for quantity and price, over one axis of time."""
    panels = [
        (name, points) for name, points in (("quantity", plot.quantity), ("price", plot.price))
        if points
    ]  # fmt: skip
    svg = tag(
        "svg",
        tag("title", plot.title),
        tag("rect", width="100%", height="100%", fill="#fff"),
        xmlns="http://www.w3.org/2000/svg",
        width=WIDTH,
        height=len(panels) * HEIGHT + TOP,
        style="font: 12px sans-serif",
    )
    svg.append(_text(LEFT, 20, f"{plot.title}, times in {plot.zone}"))
    for number, (name, points) in enumerate(panels):
        svg.extend(_panel(plot, name, points, number * HEIGHT + TOP))
    return svg


def _panel(plot: HistoryPlot, name: str, points: Sequence[Point], top: int) -> list[Element]:
    values = [value for _, value in points]
    if name == "price":
        values += [edge for _, low, high in plot.band for edge in (low, high)]
    low, high = value_range(values)
    foot, span_s = top + HEIGHT - BOTTOM, max((plot.end - plot.begin).total_seconds(), 1e-9)

    def x(at: datetime) -> float:
        return LEFT + (at - plot.begin).total_seconds() / span_s * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return foot - (value - low) / (high - low) * (foot - top - 20)

    drawn = [_text(LEFT, top + 12, name)]
    for value, text in value_marks(low, high, VALUES):
        drawn += [
            _line(LEFT, y(value), WIDTH - RIGHT, y(value)),
            _text(LEFT - 6, y(value) + 4, text, "end"),
        ]
    for at, text in time_marks(plot.begin, plot.end, ZoneInfo(plot.zone), TIMES):
        drawn += [_line(x(at), top + 20, x(at), foot), _text(x(at), foot + 16, text, "middle")]
    if name == "price" and plot.band:
        edges = [f"{x(at):.1f},{y(upper):.1f}" for at, _, upper in plot.band]
        edges += [f"{x(at):.1f},{y(lower):.1f}" for at, lower, _ in reversed(plot.band)]
        drawn.append(tag("polygon", points=" ".join(edges), fill="#2563eb", fill_opacity=0.15))
    drawn.append(_steps([(x(at), y(value)) for at, value in points], WIDTH - RIGHT))
    if name == "price":
        drawn += [_triangle(x(one.at), y(one.price), one) for one in plot.fills
                  if one.price is not None]  # fmt: skip
    return drawn


def _steps(points: Sequence[tuple[float, float]], right: float) -> Element:
    drawn: list[str] = []
    for place, (x, y) in enumerate(points):
        if place:
            drawn.append(f"{x:.1f},{points[place - 1][1]:.1f}")
        drawn.append(f"{x:.1f},{y:.1f}")
    drawn.append(f"{right:.1f},{points[-1][1]:.1f}")
    return tag("polyline", points=" ".join(drawn), fill="none", stroke="#2563eb")


def _triangle(x: float, y: float, fill: Fill) -> Element:
    """Draw a fill: bought points up, sold points down; hollow where it is inferred."""
    side = 6 if fill.quantity > 0 else -6
    corners = f"{x:.1f},{y - side:.1f} {x - 5:.1f},{y + side:.1f} {x + 5:.1f},{y + side:.1f}"
    colour = "#15803d" if fill.quantity > 0 else "#b91c1c"
    words = f"{fill.quantity:+g}{', inferred' if fill.is_inferred else ''}"
    return tag(
        "polygon",
        tag("title", words),
        points=corners,
        fill="none" if fill.is_inferred else colour,
        stroke=colour,
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> Element:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke="#ddd")


def _text(x: float, y: float, words: str, anchor: str = "start") -> Element:
    return tag("text", words, x=x, y=y, text_anchor=anchor, fill="#111")
