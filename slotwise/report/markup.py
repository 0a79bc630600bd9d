"""Markup that cannot be broken by what is put into it: elements, serialised at the end.

What comes from data goes into texts, never into names, and never into attributes.
"""

from __future__ import annotations

import re
from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

Piece: TypeAlias = "Element | str"

#: What no XML may hold, not even escaped: control characters, halves of surrogate pairs, and the
#: two that are no characters. A carriage return would be read as a new line.
_IMPOSSIBLE = re.compile(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Stands where one of those was.
REPLACEMENT = "\ufffd"


def tag(name: str, /, *pieces: Piece, **attributes: str | float) -> Element:
    """Make an element of its pieces; `class_` and `aria_label` are `class` and `aria-label`."""
    made = Element(
        name, {key.rstrip("_").replace("_", "-"): _value(v) for key, v in attributes.items()}
    )
    for piece in pieces:
        if not isinstance(piece, str):
            made.append(piece)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + clean(piece)
        else:
            made.text = (made.text or "") + clean(piece)
    return made


def clean(text: str) -> str:
    """Replace what no document can hold."""
    return _IMPOSSIBLE.sub(REPLACEMENT, text)


def number(value: float) -> str:
    """Write a coordinate: a hundredth of a unit is finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def as_xml(element: Element) -> str:
    """Write an element as XML."""
    return tostring(element, encoding="unicode")


def as_html(element: Element) -> str:
    """Write an element as HTML."""
    return tostring(element, encoding="unicode", method="html")


def _value(value: str | float) -> str:
    return clean(value) if isinstance(value, str) else number(value)
