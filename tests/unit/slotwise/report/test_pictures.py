"""Pictures are well formed and inside their frame, whatever the numbers."""

from __future__ import annotations

import re
from math import inf, isfinite, nan
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slotwise.report.markup import as_xml
from slotwise.report.pictures import (
    NARROWEST,
    WIDE,
    Bar,
    Clock,
    Curve,
    Lane,
    Step,
    lanes_picture,
    steps_picture,
)
from slotwise.report.scales import Ages, Linear, Scale

CLOCK = Clock(((0.0, "00:00"), (0.5, "12:00"), (1.0, "24:00")))
HEIGHT = 100

numbers = st.floats() | st.integers(-(10**6), 10**6).map(float) | st.floats(0, 1)
steps = st.lists(st.builds(Step, numbers, numbers, numbers), max_size=8).map(tuple)
curves = st.lists(
    st.builds(Curve, steps, st.sampled_from(["first", "bad"]), st.sampled_from(["area", "line"])),
    max_size=3,
)
scales = st.sampled_from([Linear, Ages])
clocks = st.builds(Clock, st.lists(st.tuples(numbers, st.text()), max_size=3).map(tuple), numbers)
bars = st.builds(Bar, numbers, numbers, st.just("bad"), st.text())
lanes = st.lists(st.builds(Lane, st.text(), st.lists(bars, max_size=4).map(tuple)), max_size=4)


def numbers_in(element: ElementTree.Element) -> list[str]:
    """Give all numbers of all places and sizes."""
    places = ("x", "y", "x1", "x2", "y1", "y2", "width", "height", "d")
    text = " ".join(one.get(name, "") for one in element.iter() for name in places)
    return re.findall(r"[^MVHZh\s%]+", text)


def assert_drawn(text: str) -> ElementTree.Element:
    """Check that it is XML, and that every number in it is one."""
    read = ElementTree.fromstring(text)
    assert all(isfinite(float(one)) for one in numbers_in(read))
    return read


@given(clocks, curves, scales, st.text())
@example(CLOCK, [Curve((Step(nan, 1, 1), Step(0, inf, 1), Step(0, nan, 1)), "bad")], Linear, "")
@example(Clock((), nan), [Curve((Step(0, 1, nan), Step(0, 1, -inf)), "bad", "area")], Ages, "")
def test_any_steps_make_a_picture(clock: Clock, drawn: list[Curve], scale: Any, title: str) -> None:
    """Also such as are no numbers, and days that end before they begin."""
    measured: Scale = scale([step.value for curve in drawn for step in curve.steps])
    read = assert_drawn(as_xml(steps_picture(title, clock, drawn, measured, HEIGHT)))
    for path in read.iter("path"):
        walk = re.findall(r"([MVH])([\d.]+)(?: ([\d.]+))?", path.attrib["d"])
        for kind, first, second in walk:
            assert float(first) <= (HEIGHT if kind == "V" else WIDE)
            assert not second or float(second) <= HEIGHT


@given(clocks, lanes, st.text())
@example(CLOCK, [Lane("", (Bar(nan, 1, "bad"), Bar(0, nan, "bad"), Bar(-inf, inf, "bad")))], "")
def test_any_lanes_make_a_picture(clock: Clock, reported: list[Lane], title: str) -> None:
    read = assert_drawn(as_xml(lanes_picture(title, clock, reported)))
    for rect in read.iter("rect"):
        x, width = (float(rect.attrib[name].rstrip("%")) for name in ("x", "width"))
        assert 0 <= x <= x + width <= 100.011, "rounded to a hundredth"


def test_steps_that_touch_are_one_walk_and_a_gap_parts_them() -> None:
    reported = (Step(0, 0.25, 1), Step(0.25, 0.5, 2), Step(0.75, 1, 1))
    [path] = steps_picture("x", CLOCK, [Curve(reported, "first")], Linear([2.0]), HEIGHT).iter(
        "path"
    )
    assert path.attrib["d"] == "M0 50V50H250V0H500 M750 50V50H1000"


def test_an_area_stands_on_its_floor() -> None:
    reported = (Step(0, 0.5, 1), Step(0.5, 1, 0))
    [path] = steps_picture(
        "x", CLOCK, [Curve(reported, "first", "area")], Linear([1.0]), HEIGHT
    ).iter("path")
    assert path.attrib["d"] == "M0 100V0H500V100H1000V100Z"


def test_the_shortest_time_is_drawn_wide_enough_to_be_seen() -> None:
    """At the day's end too."""
    lane = Lane("SPY", (Bar(0.5, 0.5, "bad"), Bar(1.0, 1.0, "bad")))
    found = [
        rect.attrib for rect in lanes_picture("x", CLOCK, [lane]).iter("rect")
        if rect.attrib["class"].startswith("bar")
    ]  # fmt: skip
    assert [rect["width"] for rect in found] == [f"{NARROWEST * 100:g}%"] * 2
    assert [rect["x"] for rect in found] == ["50%", "99.7%"]


def test_what_lies_ahead_is_shaded() -> None:
    made = lanes_picture("x", Clock(CLOCK.marks, 0.25), [])
    [ahead] = [rect for rect in made.iter("rect") if rect.get("class") == "ahead"]
    assert (ahead.attrib["x"], ahead.attrib["width"]) == ("25%", "75%")
    assert not list(lanes_picture("x", CLOCK, []).iter("rect"))


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([0.0], ["0.5", "1"]),
        ([3.0, 7.0], ["5", "10"]),
        ([20.0], ["10", "20"]),
        ([10_001.0], ["10,000", "20,000"]),
        ([], ["0.5", "1"]),
    ],
)
def test_a_scale_ends_at_a_round_number(values: list[float], names: list[str]) -> None:
    scale = Linear(values)
    assert [name for _, name in scale.marks()] == names
    assert all((scale.height(value) or 0) <= 1 for value in values)


def test_ages_are_drawn_by_their_order_of_magnitude() -> None:
    scale = Ages([500.0])
    assert [name for _, name in scale.marks()] == ["10 s", "1 min", "10 min"]
    heights = [scale.height(age) or 0 for age in (0.0, 1.0, 10.0, 60.0, 600.0)]
    assert heights[:2] == [0, 0]
    assert heights == sorted(heights)
    assert heights[-1] == 1
    assert Ages([1e9]).height(1e9) == 1
    assert scale.height(None) is None
