"""The active contracts, each with its newest quote and that quote's age."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from rich.cells import set_cell_size
from rich.text import Text

from slotwise.bus.status import GatewayStatus
from slotwise.formatting import rough_duration
from slotwise.quote import Quote
from workers.screen.section import Section
from workers.screen.words import cut_name, plain, price

#: A quote older than this is pointed at, seconds: a line ticks far more often while its market
#: is open.
OLD_S = 60.0
#: What the numbers take of a row; names share what is left.
PRICE, AGE, HOW = 10, 9, 7
#: Width from which bid and ask fit, and from which the choice of the price is shown.
FITS_SIDES, FITS_HOW = 76, 96


class Line(msgspec.Struct, frozen=True):
    """Hold one contract with a line, as it is shown."""

    label: str
    strategy: str
    quote: Quote | None
    age_s: float | None


def held_lines(status: GatewayStatus, quotes: Mapping[int, Quote], now: datetime) -> list[Line]:
    """Return the active contracts and those with a line; those without a fresh quote first.

    An active contract stays while its line is lost: its last price ages.
    """
    found = []
    shown = {
        leg.con_id: (leg.label, next(iter(leg.strategies), "")) for leg in status.legs
    } | status.lines
    for con_id, (label, strategy) in shown.items():
        quote = quotes.get(con_id)
        age_s = None if quote is None else max((now - quote.observed_at).total_seconds(), 0.0)
        found.append(Line(plain(label or str(con_id)), plain(strategy), quote, age_s))
    return sorted(found, key=_place)


def contracts(
    status: GatewayStatus, quotes: Mapping[int, Quote], now: datetime, width: int
) -> Section:
    """List the active contracts under their heading."""
    lines = held_lines(status, quotes, now)
    if not lines:
        return Section("contracts", [Text("no contract is active or holds a line", "dim")])
    return Section("contracts", [_head(width), *(_row(line, width) for line in lines)])


def _place(line: Line) -> tuple[float, str, str]:
    # Whole minutes, so that rows do not change places with each tick.
    old = line.age_s is None or line.age_s > OLD_S
    minutes = float("inf") if line.age_s is None else line.age_s // 60
    return (-minutes if old else 0.0, line.strategy, line.label)


def _head(across: int) -> Text:
    cells = _cells(across, "contract", "strategy", "bid", "ask", "price", "from", "age")
    return Text("".join(cells), "bold")


def _row(line: Line, across: int) -> Text:
    quote = line.quote
    value, how = (None, "") if quote is None else quote.price()
    if quote is not None and quote.delayed:
        how = "delayed"
    age = "no quote" if line.age_s is None else rough_duration(line.age_s)
    cells = _cells(
        across,
        line.label,
        line.strategy,
        price(quote.bid if quote else None),
        price(quote.ask if quote else None),
        price(value),
        how,
        age,
    )
    fresh = line.age_s is not None and line.age_s <= OLD_S
    return Text.assemble(
        cells[0], (cells[1], "cyan"), *cells[2:-1], (cells[-1], "green" if fresh else "yellow")
    )


def _cells(
    across: int, label: str, strategy: str, bid: str, ask: str, value: str, how: str, age: str
) -> list[str]:
    """Set the columns that fit into the width, each in its place."""
    numbers = [(value, PRICE)]
    if across >= FITS_SIDES:
        numbers = [(bid, PRICE), (ask, PRICE), *numbers]
    if across >= FITS_HOW:
        numbers.append((how, HOW))
    numbers.append((age, AGE))
    left = max(across - sum(width for _, width in numbers), 0)
    names = left * 3 // 5
    return [
        _fit_left(label, names),
        _fit_left(strategy, left - names),
        *(_right(text, width) for text, width in numbers),
    ]


def _fit_left(text: str, width: int) -> str:
    return set_cell_size(cut_name(text, width - 1) if width > 1 else text, width)


def _right(text: str, width: int) -> str:
    return text.rjust(width) if len(text) < width else " " + text[: width - 2] + "…"
