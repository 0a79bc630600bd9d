"""The screen of a textual app as lines of text, read from the picture that it exports."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any
from xml.etree import ElementTree

from textual.app import App
from textual.widgets import Static

#: Width and height of a character in the exported picture, pixels.
ACROSS, DOWN = 12.2, 24.4
#: A message is passed on this often at most: from a widget to its screen, the app, another widget,
#: and to what is laid out anew for it.
ROUNDS = 6
_TEXT = "{http://www.w3.org/2000/svg}text"


async def settled(app: App[Any]) -> None:
    """Wait until every message under way was handled, with those that follow from it.

    Textual's own pause takes a process for idle that gets no processor beside others.
    """
    for _ in range(ROUNDS):
        for pump in (*app.screen.walk_children(), app.screen, app):
            handled = asyncio.Event()
            if pump.call_after_refresh(handled.set):
                await handled.wait()


async def until_drawn(app: App[Any]) -> None:
    """Wait until the live screen drew its first frame: a key before it would find no rows."""
    tabs = app.query_one("#tabs", Static)
    while not str(tabs.render()):
        await settled(app)
    await settled(app)


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
