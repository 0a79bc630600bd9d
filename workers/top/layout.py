"""Layout: a sheet's headings and rows as lines of text in a width. Pure.

Rules:
* A number is never cut: a column is as wide as the widest cell it has shown, and goes as a whole
  where there is no room.
* Columns never become narrower, so that they stand still while numbers change.
* The name of a row gets what the other columns leave, as far as it needs it.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from slotwise.printable import printable
from workers.screen.portfolio_cells import Cell
from workers.screen.words import cut_name
from workers.top.sheet import Sheet
from workers.top.view import View

#: Spaces between two columns.
GAP = 2
#: Room that a row's name keeps: the words of an option, `SPX 20261218 P 6640`.
NAME_LEAST = 19
#: Rich's styles of the SGR codes that cells have.
STYLES = {"": "", "31": "red", "32": "green", "33": "yellow", "34": "blue", "35": "magenta"}
UP, DOWN = "▲", "▼"


class Layout:
    """Widths of the columns of one tab, as they have grown."""

    def __init__(self) -> None:
        self._widths: list[int] = []
        #: Columns that are shown, each with its place in the sheet and its width.
        self.columns: list[tuple[int, int]] = []

    def fit(self, sheet: Sheet, rows: Iterable[int], width: int) -> None:
        """Choose the columns for a width, of which these rows are shown."""
        # The mark of the order stands behind a heading.
        widths = [cell_len(one.text) + (1 if one.text else 0) for one in sheet.headings]
        for row in rows:
            for column in range(len(widths)):
                widths[column] = max(
                    widths[column], cell_len(printable(sheet.cell(row, column).text))
                )
        if len(self._widths) == len(widths):
            widths = [max(pair) for pair in zip(self._widths, widths, strict=True)]
        self._widths = widths
        if not widths:
            self.columns = []
            return
        left = width - min(NAME_LEAST, widths[0])
        taken = {0}
        for column in sorted(range(1, len(widths)), key=lambda one: sheet.headings[one].rank):
            if widths[column] + GAP <= left:
                taken.add(column)
                left -= widths[column] + GAP
        name = min(widths[0], min(NAME_LEAST, widths[0]) + left)
        self.columns = [
            (column, name if column == 0 else widths[column]) for column in sorted(taken)
        ]

    def heading(self, sheet: Sheet, view: View) -> Text:
        """Return the line of headings; the sorted one has a mark."""
        texts = []
        for column, width in self.columns:
            text = sheet.headings[column].text
            if column == view.column:
                text += DOWN if view.descending else UP
            texts.append(_fit_text(text, width, is_text=_is_text(sheet, column)))
        return Text((" " * GAP).join(texts), "bold", no_wrap=True)

    def row(self, sheet: Sheet, row: int) -> Text:
        """Return the line of a row."""
        line = Text(no_wrap=True)
        for place, (column, width) in enumerate(self.columns):
            cell: Cell = sheet.cell(row, column)
            line.append(" " * GAP if place else "")
            text = _fit_text(printable(cell.text), width, is_text=_is_text(sheet, column))
            line.append(text, STYLES[cell.colour])
        return line


def _is_text(sheet: Sheet, column: int) -> bool:
    return column == 0 or sheet.headings[column].is_text


def _fit_text(text: str, width: int, *, is_text: bool) -> str:
    if cell_len(text) > width:
        return cut_name(text, width) if is_text else set_cell_size(text, max(width - 1, 0)) + "…"
    space = " " * (width - cell_len(text))
    return text + space if is_text else space + text
