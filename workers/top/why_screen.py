"""Screen over the rows that says why a contract has a line or none."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from slotwise.printable import printable


class WhyScreen(ModalScreen[None]):
    """An answer in a frame; Esc, Enter and q close it."""

    DEFAULT_CSS = """
    WhyScreen { align: center middle; }
    WhyScreen > VerticalScroll {
        width: 90%; height: auto; max-height: 80%; border: round; padding: 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,enter,q", "dismiss", "close")]

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Compose the widgets of the answer."""
        with VerticalScroll():
            yield Static(Text("\n".join(map(printable, self._lines))))

    def answer(self, lines: list[str]) -> None:
        """Replace what is said."""
        self._lines = lines
        self.query_one(Static).update(Text("\n".join(map(printable, lines))))
