"""Widget that shows the rows of a sheet: a cursor is moved over them, and the view follows it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workers.top.layout import Layout
from workers.top.sheet import Sheet
from workers.top.view import View, at_place, shown_rows, with_cursor


class SheetView(ScrollView, can_focus=True):
    """The rows of one sheet; only those on the screen are drawn."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup,ctrl+b", "move_page(-1)", "page up", show=False),
        Binding("pagedown,space,ctrl+f", "move_page(1)", "page down", show=False),
        Binding("home,g", "move_to(0)", "first", show=False),
        Binding("end,G", "move_to(-1)", "last", show=False),
        Binding("enter", "ask", "why", priority=False),
    ]

    class Asked(Message):
        """Enter was pressed on a row about a contract."""

        def __init__(self, con_id: int) -> None:
            super().__init__()
            self.con_id = con_id

    class Moved(Message):
        """The cursor or the shown columns have changed."""

    def __init__(self) -> None:
        super().__init__()
        self._sheet: Sheet | None = None
        self._shown: list[int] = []
        self._drawing = Layout()
        self.chosen = View()

    def show_sheet(self, sheet: Sheet, view: View, layout: Layout) -> None:
        """Show a sheet as its user looks at it."""
        self._sheet, self._drawing = sheet, layout
        self._shown = shown_rows(sheet, view)
        self.chosen = with_cursor(sheet, view, self._shown)
        self.virtual_size = Size(self.size.width, max(len(self._shown), 1))
        self._show_cursor()

    def heading(self) -> Text:
        """Return the line of headings above the rows."""
        return Text() if self._sheet is None else self._drawing.heading(self._sheet, self.chosen)

    def place_words(self) -> str:
        """Return which row of how many the cursor is on."""
        count = len(self._shown)
        return f"{self.chosen.place + 1:,} of {count:,}" if count else ""

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget."""
        place, width = y + int(self.scroll_offset.y), self.size.width
        sheet = self._sheet
        if sheet is None or place >= len(self._shown):
            empty = sheet.empty if sheet is not None and not self._shown and place == 0 else ""
            if sheet is not None and len(sheet) and place == 0:
                empty = f"no row has {self.chosen.filter!r}: Esc shows all"
            return self._strip(Text(empty, "dim"), width)
        line = self._drawing.row(sheet, self._shown[place])
        if place == self.chosen.place:
            line.pad_right(max(width - line.cell_len, 0))
            line.stylize("reverse")
        return self._strip(line, width)

    def action_move(self, rows: int) -> None:
        """Move the cursor by this many rows."""
        self.action_move_to(self.chosen.place + rows if self.chosen.place + rows >= 0 else 0)

    def action_move_page(self, pages: int) -> None:
        """Move the cursor by this many pages."""
        self.action_move(pages * max(self.size.height - 1, 1))

    def action_move_to(self, place: int) -> None:
        """Move the cursor to a place; -1 is the last."""
        if self._sheet is None:
            return
        place = len(self._shown) - 1 if place < 0 else place
        self.chosen = at_place(self._sheet, self.chosen, self._shown, place)
        self._show_cursor()

    def action_ask(self) -> None:
        """Ask why the contract under the cursor has a line or none."""
        if self._sheet is None or not self._shown:
            return
        con_id = self._sheet.con_id(self._shown[self.chosen.place])
        if con_id is not None:
            self.post_message(self.Asked(con_id))

    def on_click(self, event: Click) -> None:
        """Put the cursor on the row that was clicked."""
        self.action_move_to(min(event.y + int(self.scroll_offset.y), len(self._shown) - 1))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Make the columns fit the rows that are shown now."""
        super().watch_scroll_y(old_value, new_value)
        self._fit()

    def _show_cursor(self) -> None:
        place = self.chosen.place
        self.scroll_to_region(
            Region(0, place, 1, 1), animate=False, force=True, immediate=True, x_axis=False
        )
        self._fit()

    def _fit(self) -> None:
        if self._sheet is None:
            return
        top = int(self.scroll_offset.y)
        rows = self._shown[top : top + self.size.height]
        self._drawing.fit(self._sheet, rows, self.scrollable_content_region.width)
        self.refresh()
        self.post_message(self.Moved())

    def _strip(self, line: Text, width: int) -> Strip:
        segments = list(line.render(self.app.console))
        return Strip(segments).adjust_cell_length(width, self.rich_style)
