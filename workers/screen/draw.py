"""Draw the screen: rows of text, never wider or more than there is room for."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from workers.screen.contracts import contracts
from workers.screen.facts import BusFacts, Screen
from workers.screen.room import shared
from workers.screen.section import Section, fixed
from workers.screen.sections import (
    UNTOLD,
    book,
    connection,
    landings,
    lines,
    problems,
    queue,
    rotation,
    waiting,
    workers,
)
from workers.screen.verdict import Standing, checks_of, standing_of
from workers.screen.words import clock, fit, since

#: Columns of the names of sections; without them where the screen is narrower than this.
NAME, NARROW = 12, 50
#: In this order sections take more rows, over and over, and these when no other wants any: what
#: they have more to tell is told in one row already.
TURNS = (
    "contracts", "wrong", "note", "contracts", "reconciled", "waiting", "contracts", "connection",
    "contracts", "waiting", "landings",
)  # fmt: skip
LATER = ("queue", "workers")
#: Rows of the head, and of the empty row before the contracts.
HEAD, GAP = 1, 1
_STANDS: dict[Standing, tuple[str, str]] = {
    "well": ("all well", "bold green"),
    "wrong": ("something is wrong", "bold red"),
    "unknown": ("cannot tell", "bold yellow"),
}


def draw(screen: Screen, width: int, height: int | None = None, hint: str = "") -> Group:
    """Draw one frame; without a height everything is drawn.

    `hint` is a word for whoever looks at it, beside the time.
    """
    return Group(*rows_of(screen, width, height, hint))


def rows_of(screen: Screen, width: int, height: int | None, hint: str = "") -> list[Text]:
    """Lay the sections out."""
    indent = NAME if width >= NARROW else 0
    sections = [*_told(screen, width - indent), *_contracts(screen, width)]
    room = None if height is None else height - HEAD - GAP
    given = shared({one.name: one.sizes for one in sections}, (TURNS, LATER), room)
    rows = [_head(screen, width, hint)]
    for one in sections:
        drawn = one.rows(given[one.name])
        if one.name == "contracts":
            rows += [Text(), *drawn]
            continue
        for number, row in enumerate(drawn):
            name = one.name if number == 0 else ""
            rows.append(Text.assemble((f"{name:<{indent}}"[:indent], "bold"), row))
    return [fit(row, width) for row in rows[:height]]


def _head(screen: Screen, width: int, hint: str) -> Text:
    told, style = _STANDS[standing_of(screen)]
    if screen.bus is None:
        told = "looking ..."
    left = Text.assemble(("slotwise  ", "bold"), (told, style))
    right = f"{screen.now:%Y-%m-%d %H:%M:%S} UTC"
    right = f"{hint}   {right}" if hint else right
    gap = max(width - left.cell_len - cell_len(right), 2)
    return Text.assemble(left, " " * gap, (right, "dim"))


def _told(screen: Screen, width: int) -> list[Section]:
    found: list[Section] = []
    bus = screen.bus or BusFacts()
    checks = [check for check in checks_of(screen) if check.verdict != "ok"]
    if checks:
        found.append(problems(checks, width))
    if bus.error and bus.away_since is not None:
        found.append(fixed("redis", [_away(bus, bus.away_since, screen.now)]))
    gateway = bus.gateway
    if gateway is None:
        silent = Text("no gateway says anything" if bus.read_at else UNTOLD, "dim")
        found.append(fixed("lines", [silent]))
    else:
        delayed = sum(
            quote.delayed for con_id, quote in bus.quotes.items() if con_id in gateway.lines
        )
        found += [lines(gateway, width, delayed), rotation(gateway)]
        if gateway.waiting:
            found.append(waiting(gateway))
        found.append(connection(gateway, screen.now))
    if bus.read_at is not None:
        spooled = gateway.spooled if gateway is not None else 0
        found.append(queue(bus.queue, spooled, screen.now, width))
        found.append(landings(bus.queue, screen.now))
    return [*found, workers(screen.workers), book(screen.lake, screen.now)]


def _contracts(screen: Screen, width: int) -> list[Section]:
    bus = screen.bus
    if bus is None or bus.gateway is None:
        return []
    return [contracts(bus.gateway, bus.quotes, screen.now, width)]


def _away(bus: BusFacts, away_since: datetime, now: datetime) -> Text:
    row = Text(f"no answer for {since(away_since, now)}", "yellow")
    if bus.read_at is not None:
        row.append(f"; what follows it said at {clock(bus.read_at, now)}")
    return row
