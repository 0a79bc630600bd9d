"""A section of the screen: rows under a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text


@dataclass(frozen=True, slots=True)
class Section:
    """Name a section, and hold its rows."""

    name: str
    rows: Sequence[Text]


def folded(text: Text, width: int) -> list[Text]:
    """Wrap a row between its words; what follows the first row is indented by two."""
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


def cut(rows: Sequence[Text], most: int) -> list[Text]:
    """Return the first rows, `most` of them, and count the others in the last one."""
    if len(rows) <= most:
        return list(rows)
    return [*rows[: most - 1], Text(f"and {len(rows) - most + 1:,} more", "dim")]
