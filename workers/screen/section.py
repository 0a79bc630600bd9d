"""A section of the screen: rows under a name, as many as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.text import Text

#: Draws a section in so many rows.
Rows: TypeAlias = Callable[[int], list[Text]]


@dataclass(frozen=True, slots=True)
class Section:
    """Name a section, the numbers of rows it can use, fewest first, and how it is drawn."""

    name: str
    sizes: tuple[int, ...]
    rows: Rows


def fixed(name: str, rows: Sequence[Text]) -> Section:
    """Make a section that always has all of its rows."""
    return Section(name, (len(rows),), lambda _: list(rows))


def listed(
    name: str, rows: Sequence[Text], least: int = 1, most: int | None = None, what: str = "more"
) -> Section:
    """Make a section of rows, the most important first; those without room are counted."""
    longest = len(rows) if most is None else min(len(rows), most)
    sizes = tuple(range(min(least, longest), longest + 1))
    return Section(name, sizes or (0,), lambda given: cut(rows, given, what))


def folded(text: Text, width: int) -> list[Text]:
    """Fold a row between its words; what follows the first row is set in by two."""
    rows: list[Text] = []
    left, indent = text.copy(), ""
    while True:
        room = max(width - len(indent), 1)
        row = left.copy()
        row.truncate(room)
        if row.plain == left.plain:
            return [*rows, Text.assemble(indent, left)]
        end = row.plain.rfind(" ")
        # A word wider than the screen is broken; a character wider than it is taken whole.
        end = end if end > 0 else max(len(row.plain), 1)
        rows.append(Text.assemble(indent, left[:end]))
        left, indent = left[end:], "  "
        left = left[len(left.plain) - len(left.plain.lstrip()) :]


def cut(rows: Sequence[Text], given: int, what: str = "more") -> list[Text]:
    """Take the first rows, and count the others in the last one."""
    if len(rows) <= given:
        return list(rows)
    if given <= 1:
        shown = [row.copy() for row in rows[:given]]
        for row in shown:
            row.append(f"  and {len(rows) - given:,} {what}", "dim")
        return shown
    rest = Text(f"and {len(rows) - given + 1:,} {what}", "dim")
    return [*rows[: given - 1], rest]
