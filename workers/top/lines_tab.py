"""The lines' tab: each active contract and each with a line, with its price and what is held. Pure.

A contract stays while its line or the connection is lost: its last price ages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec
from rich.text import Text

from slotwise import formatting
from slotwise.bus.status import GatewayStatus
from slotwise.client.holdings import Holdings
from slotwise.portfolio.price import Freshness, Price, freshness, price_of
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.words import UNKNOWN
from slotwise.quote import Quote
from workers.screen.facts import BusFacts
from workers.screen.portfolio_cells import COLOURS, Cell
from workers.screen.sections import lines, rotation
from workers.screen.words import plain
from workers.top.holdings_reader import Held
from workers.top.sheet import Column, Heading, SheetOf

#: Lines about slots above the rows at most: their counts, and a bar.
MOST_LINES = 3
#: Colour of a state as an SGR code; others have none.
_STATES = {"line": "32", "refused": "31", "waiting": "33", "unseen": "33", "unknown": "31"}


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """One contract: its line, its newest price, and what is held of it in all accounts."""

    con_id: int
    label: str
    strategies: str
    state: str
    price: Price
    bid: Decimal | None = None
    ask: Decimal | None = None
    word: Freshness
    age_s: float | None
    quantity: Decimal | None = None
    day_pnl: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    dollar_delta: Decimal | None = None


def lines_sheet(
    bus: BusFacts | None, held: Held | None, at: datetime, width: int
) -> SheetOf[LineRow]:
    """Return the sheet of the contracts with a line, and of those that are to have one."""
    status = None if bus is None else bus.gateway
    if bus is None or status is None:
        empty = "looking ..." if bus is None else "no gateway is running here"
        return _sheet((), (), empty)
    delayed = sum(quote.delayed for con_id, quote in bus.quotes.items() if con_id in status.lines)
    above = (
        *lines(status, width, delayed).rows[:MOST_LINES],
        *rotation(status).rows,
    )
    holdings = None if held is None else held.holdings
    rows = line_rows(status, bus.quotes, holdings, at)
    return _sheet(rows, above, "no contract is active or holds a line")


def line_rows(
    status: GatewayStatus, quotes: Mapping[int, Quote], holdings: Holdings | None, at: datetime
) -> tuple[LineRow, ...]:
    """Return a row for each active contract and each with a line, by strategy and name."""
    named: dict[int, tuple[str, tuple[str, ...]]] = {
        con_id: (label, (strategy,)) for con_id, (label, strategy) in status.lines.items()
    }
    named |= {con_id: (status.waiting_labels.get(con_id, ""), ()) for con_id in status.waiting}
    named |= {leg.con_id: (leg.label, leg.strategies) for leg in status.legs}
    states: dict[int, str] = dict.fromkeys(status.waiting, "waiting")
    states |= {leg.con_id: leg.state for leg in status.legs}
    states |= {con_id: states.get(con_id, "seen") for con_id in status.lines}
    of: dict[int, list[PortfolioRow]] = {}
    for row in () if holdings is None else holdings.rows:
        if row.con_id in named:
            of.setdefault(row.con_id, []).append(row)
    found = [
        _row(
            con_id,
            label,
            strategies,
            "line" if states.get(con_id) == "seen" else states.get(con_id, "waiting"),
            quotes.get(con_id),
            of.get(con_id, []),
            at,
        )
        for con_id, (label, strategies) in named.items()
    ]
    return tuple(sorted(found, key=lambda row: (row.strategies, row.label, row.con_id)))


def _row(
    con_id: int,
    label: str,
    strategies: tuple[str, ...],
    state: str,
    quote: Quote | None,
    held: list[PortfolioRow],
    at: datetime,
) -> LineRow:
    price = price_of(quote)
    closed_since = held[0].closed_since if held else None
    return LineRow(
        con_id=con_id,
        label=plain(label or str(con_id)),
        strategies=plain(", ".join(strategies)),
        state=state,
        price=price,
        bid=None if quote is None else quote.bid,
        ask=None if quote is None else quote.ask,
        word=freshness(
            value=price.value,
            source=price.source,
            observed_at=price.observed_at,
            delayed=price.delayed,
            at=at,
            closed_since=closed_since,
        ),
        age_s=(
            None if price.observed_at is None
            else max((at - price.observed_at).total_seconds(), 0.0)
        ),
        quantity=sum((row.quantity for row in held), Decimal(0)) if held else None,
        day_pnl=_sum([row.day_pnl for row in held]),
        unrealized_pnl=_sum([row.unrealized_pnl for row in held]),
        dollar_delta=_sum([row.dollar_delta for row in held]),
    )  # fmt: skip


def _sum(numbers: list[Decimal | None]) -> Decimal | None:
    """Return the sum of numbers; unknown where one of them is, or where there is none."""
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(numbers) else None


def _sheet(rows: tuple[LineRow, ...], above: tuple[Text, ...], empty: str) -> SheetOf[LineRow]:
    return SheetOf(
        columns=_COLUMNS,
        rows=rows,
        key_of=lambda row: str(row.con_id),
        words_of=lambda row: f"{row.label} {row.strategies} {row.state} {row.word}",
        con_id_of=lambda row: row.con_id,
        above=above,
        empty=empty,
    )


def _price(text: str, rank: int, price: Callable[[LineRow], Decimal | None]) -> Column[LineRow]:
    """Return a column of prices."""

    def cell(row: LineRow) -> Cell:
        value = price(row)
        return Cell(UNKNOWN if value is None else formatting.price(value))

    return Column(Heading(text, rank), cell, lambda row: _number(price(row)))


def _money(text: str, rank: int, amount: Callable[[LineRow], Decimal | None]) -> Column[LineRow]:
    """Return a column of amounts, empty where nothing is held."""

    def cell(row: LineRow) -> Cell:
        value = amount(row)
        if row.quantity is None:
            return Cell("")
        return Cell(UNKNOWN if value is None else formatting.money(value, 0))

    return Column(Heading(text, rank), cell, lambda row: _number(amount(row)))


def _age(row: LineRow) -> Cell:
    if row.age_s is None:
        return Cell("no quote", COLOURS["unknown"])
    return Cell(f"{formatting.short_duration(row.age_s)} {row.word}", COLOURS[row.word])


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


_COLUMNS: tuple[Column[LineRow], ...] = (
    Column(Heading("contract", is_text=True), lambda row: Cell(row.label), lambda row: row.label),
    Column(
        Heading("quantity", 3),
        lambda row: Cell("" if row.quantity is None else formatting.quantity(row.quantity)),
        lambda row: _number(row.quantity),
    ),
    _price("mark", 1, lambda row: row.price.value),
    Column(Heading("age", 0), _age, lambda row: row.age_s),
    Column(
        Heading("line", 2, True),
        lambda row: Cell("held" if row.state == "line" else row.state, _STATES.get(row.state, "")),
        lambda row: row.state,
    ),
    _money("day P&L", 4, lambda row: row.day_pnl),
    _money("open P&L", 7, lambda row: row.unrealized_pnl),
    _money("$ delta", 5, lambda row: row.dollar_delta),
    _price("bid", 8, lambda row: row.bid),
    _price("ask", 9, lambda row: row.ask),
    Column(
        Heading("strategy", 6, True), lambda row: Cell(row.strategies), lambda row: row.strategies
    ),
)
