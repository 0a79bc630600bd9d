"""Draw the screen: rows of text, never wider than there is room for."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from slotwise.health.checks import Check
from slotwise.health.verdict.finding import Standing
from workers.screen.contracts import contracts
from workers.screen.facts import BusFacts, Screen
from workers.screen.section import Section
from workers.screen.sections import (
    NOT_KNOWN_YET,
    book,
    connection,
    landings,
    lines,
    problems,
    profits,
    queue,
    rotation,
    waiting,
    workers,
)
from workers.screen.verdict import checks_of, title_of, verdict_of
from workers.screen.words import clock, fit, since

#: Columns of the names of sections; without them where the screen is narrower than this.
NAME, NARROW = 12, 50
#: From this width on the date stands beside the time; below it the verdict needs the room.
WIDE = 100
#: The first word of the head.
NAMED = "slotwise  "
_STYLES: dict[Standing, str] = {
    "well": "bold green",
    "wrong": "bold red",
    "unknown": "bold yellow",
}


def draw(screen: Screen, width: int) -> Group:
    """Draw all sections but the verdict's sentence and its cause, which `status` writes above."""
    return Group(*rows_of(screen, width, with_verdict=False))


def rows_of(
    screen: Screen, width: int, *, with_verdict: bool = True, with_contracts: bool = True
) -> list[Text]:
    """Return the rows of the screen, section after section."""
    indent = NAME if width >= NARROW else 0
    rows = [head_of(screen, width, with_verdict=with_verdict)]
    for one in _system(screen, width - indent, width, with_verdict=with_verdict):
        for number, row in enumerate(one.rows):
            name = one.name if number == 0 else ""
            rows.append(Text.assemble((f"{name:<{indent}}"[:indent], "bold"), row))
    if with_contracts and screen.bus is not None and screen.bus.gateway is not None:
        found = contracts(screen.bus.gateway, screen.bus.quotes, screen.now, width)
        rows += [Text(), *found.rows]
    return [fit(row, width) for row in rows]


def head_of(screen: Screen, width: int, *, with_verdict: bool = True) -> Text:
    """Return the first row: the verdict and the time."""
    verdict = verdict_of(screen)
    sentence = verdict.sentence if screen.bus is not None else "looking ..."
    time = _time(screen, width)
    head = Text(sentence if with_verdict else "", _STYLES[verdict.standing])
    head.truncate(max(_sentence_room(screen, width), 0), overflow="ellipsis")
    left = Text.assemble((NAMED, "bold"), head)
    gap = max(width - left.cell_len - cell_len(time), 2)
    return Text.assemble(left, " " * gap, (time, "dim"))


def _time(screen: Screen, width: int) -> str:
    return f"{screen.now:%H:%M:%S} UTC" if width < WIDE else f"{screen.now:%Y-%m-%d %H:%M:%S} UTC"


def _sentence_room(screen: Screen, width: int) -> int:
    """Return the columns that the head has for the verdict's sentence."""
    return width - cell_len(NAMED) - cell_len(_time(screen, width)) - 2


def _without_sentence(check: Check, cause: str) -> Check:
    """Return a row without its sentence where it is the cause, which the head has in full."""
    if check.name != title_of(cause):
        return check
    return Check(check.name, check.verdict, check.advice or check.seen)


def _system(screen: Screen, width: int, full_width: int, *, with_verdict: bool) -> list[Section]:
    """Return the sections but the contracts."""
    found: list[Section] = []
    bus = screen.bus or BusFacts()
    # Before the first look nothing is known, so nothing is wrong either.
    checks = [] if screen.bus is None else checks_of(screen, with_cause=with_verdict)
    if with_verdict and _sentence_room(screen, full_width) >= cell_len(verdict_of(screen).sentence):
        checks = [_without_sentence(one, verdict_of(screen).state) for one in checks]
    if checks:
        found.append(problems(checks, width))
    if bus.error and bus.away_since is not None:
        found.append(Section("redis", [_away(bus, bus.away_since, screen.now)]))
    gateway = bus.gateway
    if gateway is None:
        silent = Text("no gateway is running here" if bus.read_at else NOT_KNOWN_YET, "dim")
        found.append(Section("lines", [silent]))
    else:
        delayed = sum(
            quote.delayed for con_id, quote in bus.quotes.items() if con_id in gateway.lines
        )
        found += [lines(gateway, width, delayed), rotation(gateway)]
        if gateway.witness.profits:
            found.append(profits(gateway))
        if gateway.waiting:
            found.append(waiting(gateway))
        found.append(connection(gateway, screen.now))
    if bus.read_at is not None:
        spooled = gateway.spooled if gateway is not None else 0
        found.append(queue(bus.queue, spooled, screen.now, width))
        found.append(landings(bus.queue, screen.now))
    return [*found, workers(screen.workers), book(screen.lake, screen.now)]


def _away(bus: BusFacts, away_since: datetime, now: datetime) -> Text:
    row = Text(f"no answer for {since(away_since, now)}", "yellow")
    if bus.read_at is not None:
        row.append(f"; what follows is of {clock(bus.read_at, now)}")
    return row
