"""The screen of a textual app as lines of text, read from the picture that it exports."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from xml.etree import ElementTree

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

#: Width and height of a character in the exported picture, pixels.
ACROSS, DOWN = 12.2, 24.4
#: Time between two looks at a screen that is not drawn yet, seconds.
LOOK_S = 0.01
_TEXT = "{http://www.w3.org/2000/svg}text"


async def until_drawn(app: App[Any], pilot: Pilot[Any]) -> None:
    """Wait until the live screen drew its first frame: a key before it would find no rows."""
    tabs = app.query_one("#tabs", Static)
    while not str(tabs.render()):
        await pilot.pause(LOOK_S)
    # What it shows is laid out some messages later.
    await pilot.pause()
    before: list[str] = []
    drawn = screen_lines(app)
    while drawn != before:
        await pilot.pause(LOOK_S)
        before, drawn = drawn, screen_lines(app)


def screen_lines(app: App[Any]) -> list[str]:
    """Return what the app shows now, a text a line, without colours."""
    width, height = app.size
    cells: dict[int, list[str]] = defaultdict(lambda: [" "] * width)
    for text in ElementTree.fromstring(app.export_screenshot()).iter(_TEXT):
        if "x" not in text.attrib or "clip-path" not in text.attrib:
            continue
        line = round((float(text.attrib["y"]) - 20) / DOWN)
        begin = round(float(text.attrib["x"]) / ACROSS)
        for place, char in enumerate((text.text or "").replace("\xa0", " ").rstrip("\n"), begin):
            if place < width:
                cells[line][place] = char
    return ["".join(cells[line]).rstrip() for line in range(height)]
