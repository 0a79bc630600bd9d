"""App of `slotwise top`: tabs, keys, and what is read drawn anew each second."""

from __future__ import annotations

import asyncio
import signal
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC
from functools import partial, wraps
from typing import ClassVar, Concatenate, ParamSpec, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Input, Static

from slotwise.account import masked_in
from slotwise.health.verdict import Verdict
from slotwise.printable import printable
from slotwise.shown_accounts import ShownAccounts
from workers.screen.draw import head_of
from workers.screen.facts import Screen
from workers.screen.verdict import verdict_of
from workers.top.holdings_reader import Held
from workers.top.layout import Layout
from workers.top.lines_tab import lines_sheet
from workers.top.portfolio_tab import portfolio_sheet
from workers.top.queue_tabs import landing_sheet, plumbing_sheet, queue_sheet
from workers.top.sheet import Sheet
from workers.top.sheet_view import SheetView
from workers.top.view import View, reversed_order, sorted_by_next
from workers.top.why_screen import WhyScreen

#: A new frame this often, seconds: the boards are renewed as often.
FRAME_S = 1.0
#: Part of one core that frames may use; many rows are drawn less often, but at once at a key.
CPU_SHARE = 0.03
#: Columns that the scroll bar of rows takes.
GUTTER = 2
TABS = ("portfolio", "lines", "queue", "landing", "plumbing")

Given = ParamSpec("Given")
#: Returns the answer to "why" of a contract, a line each; it may take seconds.
AskWhy: TypeAlias = Callable[[int], list[str]]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What the app reads; every call but `ask_why` returns at once."""

    screen: Callable[[], Screen]
    held: Callable[[], Held | None]
    ask_why: AskWhy
    #: Names of accounts as they are shown, distinguishable among those given.
    names: Callable[[Iterable[str]], ShownAccounts]
    zone: ZoneInfo


def _unless_closing(
    act: Callable[Concatenate[TopApp, Given], None],
) -> Callable[Concatenate[TopApp, Given], None]:
    """Skip an action while the screen is being closed.

    Its widgets are gone before its timer and its messages are, so that one may come in between.
    """

    @wraps(act)
    def act_unless_closing(app: TopApp, /, *args: Given.args, **kwargs: Given.kwargs) -> None:
        if app.is_running:
            act(app, *args, **kwargs)

    return act_unless_closing


class TopApp(App[None]):
    """The live screen of the whole system."""

    CSS = """
    Static, Input, Footer { height: auto; }
    #verdict, #tabs, #headings { height: 1; }
    #filter { display: none; height: 1; border: none; padding: 0; }
    SheetView {
        height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; overflow-x: hidden;
    }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+c", "quit", "end", priority=False),
        Binding("tab", "next_tab(1)", "next tab", priority=True),
        Binding("right", "next_tab(1)", show=False),
        Binding("shift+tab", "next_tab(-1)", show=False, priority=True),
        Binding("left", "next_tab(-1)", show=False),
        *(
            Binding(str(number), f"tab('{name}')", show=False)
            for number, name in enumerate(TABS, 1)
        ),
        Binding("s,greater_than_sign", "sort(1)", "sort"),
        Binding("S,less_than_sign", "sort(-1)", show=False),
        Binding("r", "reverse", "reverse"),
        Binding("slash", "filter", "filter"),
        Binding("escape", "clear", "all", show=False),
    ]

    def __init__(self, source: Source, tab: str = TABS[0]) -> None:
        super().__init__(ansi_color=True)
        self._source = source
        self._tab = tab
        #: When the next frame is due, by the steady clock.
        self._due = 0.0
        self._views = dict.fromkeys(TABS, View())
        #: The tab whose rows are drawn; none before the first frame.
        self._drawn = ""
        self._drawings = {name: Layout() for name in TABS}

    def compose(self) -> ComposeResult:
        """Compose the widgets."""
        yield Static(id="verdict")
        yield Static(id="tabs")
        yield Static(id="above")
        yield Static(id="headings")
        yield SheetView()
        yield Input(id="filter", placeholder="words of a row; Enter keeps, Esc shows all")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Draw now and each second, and end on a signal as on q."""
        self.theme = "ansi-dark"
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.exit)
        self.query_one(SheetView).focus()
        self.call_after_refresh(self.draw)
        self.set_interval(FRAME_S, self._draw_when_due)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    @_unless_closing
    def draw(self) -> None:
        """Draw what was read last, with the cursor where it was moved to."""
        self._keep_cursor()
        self._draw_frame()

    def _draw_frame(self) -> None:
        began = time.thread_time()
        view = self.query_one(SheetView)
        screen, width = self._source.screen(), self.size.width
        sheet = self._sheet(screen, width)
        self.query_one("#verdict", Static).update(head_of(screen, width))
        above = [*_advice(verdict_of(screen)), *sheet.above]
        is_plumbing = self._tab == TABS[-1]
        # All that is above rows is among its own rows.
        above = [] if is_plumbing else above
        self.query_one("#headings").display = not is_plumbing
        self.query_one("#above", Static).update(_join(above, width))
        self.query_one("#above").display = bool(above)
        view.show_sheet(sheet, self._views[self._tab], self._drawings[self._tab])
        self._drawn = self._tab
        self._keep_cursor()
        self._due = time.monotonic() + (time.thread_time() - began) / CPU_SHARE

    @_unless_closing
    def action_tab(self, name: str) -> None:
        """Show a tab."""
        self._keep_cursor()
        self._tab = name
        entry = self.query_one("#filter", Input)
        entry.display = False
        self.query_one(SheetView).focus()
        self.draw()

    def action_next_tab(self, step: int) -> None:
        """Show the tab beside this one."""
        self.action_tab(TABS[(TABS.index(self._tab) + step) % len(TABS)])

    def action_sort(self, step: int) -> None:
        """Sort by the next column, or the one before."""
        sheet = self._sheet(self._source.screen(), self.size.width)
        self._change(sorted_by_next(sheet, self.view, step))

    def action_reverse(self) -> None:
        """Sort in the other direction."""
        self._change(reversed_order(self.view))

    @_unless_closing
    def action_filter(self) -> None:
        """Ask for the words that rows must have."""
        entry = self.query_one("#filter", Input)
        entry.value = self.view.filter
        entry.display = True
        entry.focus()

    @_unless_closing
    def action_clear(self) -> None:
        """Show all rows again."""
        self.query_one("#filter", Input).display = False
        self.query_one(SheetView).focus()
        self._change(msgspec.structs.replace(self.view, filter=""))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the words are typed."""
        if event.input.display:
            self._change(msgspec.structs.replace(self.view, filter=event.value))

    @_unless_closing
    def on_input_submitted(self) -> None:
        """Keep the filter, and return to the rows."""
        self.query_one("#filter", Input).display = False
        self.query_one(SheetView).focus()

    @_unless_closing
    def on_sheet_view_moved(self) -> None:
        """Keep the cursor of this tab, and draw what stands above the rows."""
        view = self.query_one(SheetView)
        self._keep_cursor()
        self.query_one("#headings", Static).update(view.heading())
        self.query_one("#tabs", Static).update(self._tabs_line(view.place_words()))

    @_unless_closing
    def on_sheet_view_asked(self, event: SheetView.Asked) -> None:
        """Ask why, in a thread: the gateway takes its time to answer."""
        shown = WhyScreen(["asking ..."])
        self.push_screen(shown)
        self.run_worker(partial(self._answer, shown, event.con_id), thread=True)

    @property
    def view(self) -> View:
        """Return how this tab is looked at."""
        self._keep_cursor()
        return self._views[self._tab]

    def _fatal_error(self) -> None:
        # Textual's own would print the values of variables, whole account numbers among them.
        self.panic(Text(masked_in(traceback.format_exc())))

    def _answer(self, shown: WhyScreen, con_id: int) -> None:
        lines = self._source.ask_why(con_id)
        if shown.is_attached:
            self.call_from_thread(shown.answer, lines)

    def _draw_when_due(self) -> None:
        if time.monotonic() >= self._due:
            self.draw()

    @_unless_closing
    def _change(self, view: View) -> None:
        self._views[self._tab] = view
        self._draw_frame()

    def _keep_cursor(self) -> None:
        """Take over a cursor that was moved: its message may come after the next frame."""
        if self._drawn == self._tab:
            self._views[self._tab] = self.query_one(SheetView).chosen

    def _sheet(self, screen: Screen, width: int) -> Sheet:
        source = self._source
        match self._tab:
            case "portfolio":
                at = screen.now.astimezone(UTC)
                return portfolio_sheet(source.held(), at, width, source.zone, source.names)
            case "lines":
                return lines_sheet(screen.bus, source.held(), screen.now, width)
            case "queue":
                return queue_sheet(screen, width)
            case "landing":
                return landing_sheet(screen)
            case _:
                return plumbing_sheet(screen, width - GUTTER)

    def _tabs_line(self, place: str) -> Text:
        line = Text(no_wrap=True)
        for number, name in enumerate(TABS, 1):
            style = "reverse bold" if name == self._tab else ""
            line.append(f" {number} {name} ", style)
            line.append(" ")
        words = f"only {self.view.filter!r}  {place}" if self.view.filter else place
        room = self.size.width - line.cell_len
        right = Text(printable(words), "dim", no_wrap=True)
        right.truncate(max(room, 0), overflow="ellipsis")
        line.append(" " * max(room - right.cell_len, 0))
        return line.append_text(right)


def _advice(verdict: Verdict) -> list[Text]:
    return [Text(printable(verdict.advice), "dim", no_wrap=True)] if verdict.advice else []


def _join(lines: list[Text], width: int) -> Text:
    """Return lines one below the other, each cut to the width."""
    cut = []
    for line in lines:
        one = line.copy()
        one.no_wrap = True
        one.truncate(width, overflow="ellipsis")
        cut.append(one)
    return Text("\n", no_wrap=True).join(cut)
