"""The tabs of queue and landing, and of all the system's own numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.text import Text

from slotwise.bus.status import AGE_BOUNDS_S, LandingLine
from slotwise.formatting import rough_duration
from workers.screen.draw import rows_of
from workers.screen.facts import BusFacts, Screen
from workers.screen.portfolio_cells import Cell
from workers.screen.sections import AGE_BAR, book, landings, queue, workers_in_one_row
from workers.top.sheet import Column, Heading, SheetOf

NO_LANDING = "no lake worker has landed in the last minute"


class AgeRow(msgspec.Struct, frozen=True):
    """Queue items of one range of ages; `place` keeps ranges in the order of their ages."""

    place: int
    name: str
    items: int
    share: float


class NamedRow(msgspec.Struct, frozen=True):
    """One line of the system's own numbers."""

    place: int
    text: str


def queue_sheet(screen: Screen, width: int) -> SheetOf[AgeRow]:
    """Return the sheet of what waits, by its age."""
    bus = screen.bus or BusFacts()
    status = bus.queue
    above: list[Text] = []
    if bus.read_at is not None:
        spooled = bus.gateway.spooled if bus.gateway is not None else 0
        above += queue(status, spooled, screen.now, width).rows[:1]
    above.append(workers_in_one_row(screen.workers))
    ages: Sequence[int] = () if status is None else status.ages
    most = max(ages, default=0)
    bounds = [f"to {rough_duration(bound)}" for bound in AGE_BOUNDS_S] + ["older"]
    rows = tuple(
        AgeRow(place, name, items, items / most if most else 0.0)
        for place, (name, items) in enumerate(zip(bounds, ages, strict=False))
    )
    return SheetOf(
        columns=(
            Column(
                Heading("age", is_text=True),
                lambda row: Cell(row.name),
                lambda row: row.place,
            ),
            Column(Heading("items", 0), lambda row: Cell(f"{row.items:,}"), lambda row: row.items),
            Column(
                Heading("share", 1, True),
                lambda row: Cell("█" * round(AGE_BAR * row.share), "35"),
                lambda row: row.share,
            ),
        ),
        rows=rows,
        key_of=lambda row: row.name,
        words_of=lambda row: row.name,
        above=tuple(above),
        empty=NO_LANDING if status is None else "nothing waits",
    )


def landing_sheet(screen: Screen) -> SheetOf[LandingLine]:
    """Return the sheet of the last landings, the newest first."""
    bus = screen.bus or BusFacts()
    status = bus.queue
    above: list[Text] = []
    if bus.read_at is not None:
        above += landings(status, screen.now).rows[:1] if status is None else []
    above += book(screen.lake, screen.now).rows[:1]
    rows = () if status is None else tuple(reversed(status.landings))
    return SheetOf(
        columns=(
            Column(
                Heading("landed at (UTC)", is_text=True),
                lambda row: Cell(f"{row.at:%Y-%m-%d %H:%M:%S}"),
                lambda row: row.at.timestamp(),
            ),
            Column(
                Heading("ago", 2),
                lambda row: Cell(rough_duration((screen.now - row.at).total_seconds())),
                lambda row: -row.at.timestamp(),
            ),
            Column(Heading("rows", 0), lambda row: Cell(f"{row.rows:,}"), lambda row: row.rows),
            Column(Heading("ms", 1), lambda row: Cell(f"{row.ms:,.0f}"), lambda row: row.ms),
        ),
        rows=rows,
        key_of=lambda row: row.at.isoformat(),
        words_of=lambda row: f"{row.at:%Y-%m-%d %H:%M:%S}",
        above=tuple(above),
        empty=NO_LANDING if status is None else "no rows have landed yet",
    )


def plumbing_sheet(screen: Screen, width: int) -> SheetOf[NamedRow]:
    """Return the sheet of all that `slotwise status` prints but the contracts."""
    rows = tuple(
        NamedRow(place, row.plain)
        for place, row in enumerate(rows_of(screen, width, with_contracts=False)[1:])
    )
    return SheetOf(
        columns=(
            Column(Heading("", is_text=True), lambda row: Cell(row.text), lambda row: row.place),
        ),
        rows=rows,
        key_of=lambda row: str(row.place),
        words_of=lambda row: row.text,
        empty="looking ...",
    )
