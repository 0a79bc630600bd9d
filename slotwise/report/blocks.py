"""What sections of the page are made of: figures with their legend, tables, words for nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from xml.etree.ElementTree import Element

from slotwise.formatting import counted
from slotwise.report.markup import Piece, tag
from slotwise.report.pictures import Colour

#: Rows of a table that a person reads; more are counted.
SHOWN = 100


def section(heading: str, *pieces: Piece) -> Element:
    """Make a part of the page under its heading."""
    return tag("section", tag("h2", heading), *pieces)


def nothing(text: str) -> Element:
    """Write that there is nothing to show, and why."""
    return tag("p", text, class_="nothing")


def figure(picture: Element, text: str, *legend: tuple[Colour, str]) -> Element:
    """Put a picture above what its colours mean, and how it is to be read."""
    keys = [
        tag("span", tag("span", class_=f"key {colour}"), tag("b", name)) for colour, name in legend
    ]
    return tag(
        "figure",
        picture,
        tag("figcaption", tag("div", *keys, class_="legend"), text),
    )


def table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[str] = ()
) -> Element:
    """Make a table that scrolls sideways by itself; columns of numbers are set to the right."""
    kinds = ["number" if heading in numbers else "text" for heading in headings]
    head = tag(
        "tr", *(tag("th", text, class_=kind) for text, kind in zip(headings, kinds, strict=True))
    )
    body = (
        tag("tr", *(tag("td", text, class_=kind) for text, kind in zip(row, kinds, strict=True)))
        for row in rows[:SHOWN]
    )
    shown = tag("div", tag("table", tag("thead", head), tag("tbody", *body)), class_="wide")
    if len(rows) <= SHOWN:
        return shown
    left = counted(len(rows) - SHOWN, "more row is", "more rows are")
    more = f"{left} in slotwise report --json."
    return tag("div", shown, tag("p", more, class_="faint"))


def folded(name: str, *pieces: Piece) -> Element:
    """Show pieces only after a click on their name."""
    return tag("details", tag("summary", name), *pieces)
