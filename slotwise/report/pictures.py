"""Pictures of a day as SVG, made of numbers alone: steps over the clock, and lanes of spans.

A picture is as wide as its page: what is drawn is stretched sideways, what is written is not. So
it can be read on a telephone and on a wall. Numbers that are none are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Literal, TypeAlias
from xml.etree.ElementTree import Element

import msgspec

from slotwise.report.markup import number, tag
from slotwise.report.scales import Scale

#: Units across what is stretched; finer than the pixels of any screen.
WIDE = 1000
#: Pixels above what is drawn, for the name of the highest mark, and below it, for the clock.
ABOVE, BELOW = 18, 20
#: Pixels that a lane takes, those of its bar, and from its top to the foot of its name.
LANE, BAR, NAME = 34, 10, 13
#: The narrowest bar, as a part of the day: a second must be seen too.
NARROWEST = 0.003

Colour: TypeAlias = Literal["first", "second", "third", "good", "bad", "doubt", "quiet"]


class Clock(msgspec.Struct, frozen=True):
    """Hold the names of hours with their place in the day (0 to 1), and where the record ends."""

    marks: tuple[tuple[float, str], ...]
    until: float = 1.0


class Step(msgspec.Struct, frozen=True):
    """Hold a value from one place in the day to another."""

    begin: float
    end: float
    value: float


class Curve(msgspec.Struct, frozen=True):
    """Hold one row of steps and how it is drawn."""

    steps: tuple[Step, ...]
    colour: Colour
    kind: Literal["area", "line"] = "line"


class Bar(msgspec.Struct, frozen=True):
    """A span of the day, and the text shown when it is pointed at."""

    begin: float
    end: float
    colour: Colour
    title: str = ""


class Lane(msgspec.Struct, frozen=True):
    """Hold the bars of one thing."""

    name: str
    bars: tuple[Bar, ...]


def steps_picture(
    title: str, clock: Clock, curves: Sequence[Curve], scale: Scale, height: int = 150
) -> Element:
    """Draw curves over the day, each later one above those before."""
    marks = [(ABOVE + height * (1 - at), name) for at, name in scale.marks() if isfinite(at)]
    drawn = (_curve(curve, scale, height) for curve in curves)
    stretched = tag(
        "svg",
        *(path for path in drawn if path is not None),
        y=ABOVE,
        width="100%",
        height=height,
        viewBox=f"0 0 {WIDE} {height}",
        preserveAspectRatio="none",
    )
    return _picture(
        title,
        clock,
        ABOVE + height,
        [
            *(_rule(y) for y, _ in marks),
            stretched,
            *(tag("text", name, x=0, y=y - 4) for y, name in marks),
        ],
    )


def lanes_picture(title: str, clock: Clock, lanes: Sequence[Lane]) -> Element:
    """Draw a lane for each thing, with its name above its bars."""
    drawn: list[Element] = []
    for place, lane in enumerate(lanes):
        top = place * LANE
        drawn.append(tag("text", lane.name, x=0, y=top + NAME, class_="name"))
        drawn.append(_rect(Bar(0.0, 1.0, "quiet"), top + LANE - BAR - 6, "track"))
        drawn += [
            _rect(bar, top + LANE - BAR - 6)
            for bar in lane.bars
            if isfinite(bar.begin) and isfinite(bar.end)
        ]
    return _picture(title, clock, max(len(lanes), 1) * LANE, drawn)


def _picture(title: str, clock: Clock, foot: int, drawn: Iterable[Element]) -> Element:
    rest = Bar(clock.until, 1.0, "quiet") if isfinite(clock.until) and clock.until < 1 else None
    return tag(
        "svg",
        tag("title", title),
        *([_shade(rest, foot)] if rest is not None else ()),
        *drawn,
        _rule(foot),
        *(_hour(at, name, foot) for at, name in clock.marks if isfinite(at)),
        role="img",
        class_="picture",
        width="100%",
        height=foot + BELOW,
    )


def _curve(curve: Curve, scale: Scale, height: int) -> Element | None:
    """Draw the runs of steps that touch each other; None where there is nothing to draw."""
    runs: list[list[tuple[float, float, float]]] = []
    for step in curve.steps:
        high = scale.height(step.value)
        if high is None or not (isfinite(step.begin) and isfinite(step.end)):
            continue
        begin, end, y = _inside(step.begin) * WIDE, _inside(step.end) * WIDE, height * (1 - high)
        if not runs or abs(runs[-1][-1][1] - begin) > 1e-6:
            runs.append([])
        runs[-1].append((begin, end, y))
    if not runs:
        return None
    filled = curve.kind == "area"
    path = " ".join(_run(run, height if filled else None) for run in runs)
    return tag("path", d=path, class_=f"{curve.kind} {curve.colour}")


def _run(run: Sequence[tuple[float, float, float]], floor: int | None) -> str:
    begin, end = number(run[0][0]), number(run[-1][1])
    walk = [f"M{begin} {number(run[0][2] if floor is None else floor)}"]
    for _, right, y in run:
        walk += [f"V{number(y)}", f"H{number(right)}"]
    if floor is not None:
        walk += [f"V{floor}", "Z"]
    elif begin == end:
        walk.append("h1")
    return "".join(walk)


def _rect(bar: Bar, y: float, kind: str = "bar") -> Element:
    begin, end = sorted((_inside(bar.begin), _inside(bar.end)))
    begin = min(begin, 1 - NARROWEST)
    return tag(
        "rect",
        *([tag("title", bar.title)] if bar.title else ()),
        x=f"{number(begin * 100)}%",
        width=f"{number(max(end - begin, NARROWEST) * 100)}%",
        y=y,
        height=BAR,
        class_=f"{kind} {bar.colour}",
    )


def _shade(bar: Bar, height: float) -> Element:
    begin = _inside(bar.begin)
    x, width = (f"{number(part * 100)}%" for part in (begin, 1 - begin))
    return tag("rect", x=x, width=width, y=0, height=height, class_="ahead")


def _rule(y: float) -> Element:
    return tag("line", x1="0", x2="100%", y1=y, y2=y, class_="rule")


def _hour(at: float, name: str, foot: float) -> Element:
    place = _inside(at)
    anchor = "start" if place == 0 else "end" if place == 1 else "middle"
    x = f"{number(place * 100)}%"
    return tag("text", name, x=x, y=foot + 15, text_anchor=anchor)


def _inside(at: float) -> float:
    return min(max(at, 0.0), 1.0)
