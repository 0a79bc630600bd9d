"""The portfolio's tab: a row a holding, sums above them, and how old all of it is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from rich.text import Text

from slotwise import formatting
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.sums import Sums
from slotwise.portfolio.words import UNKNOWN, ages_words, amount_words
from slotwise.printable import printable
from slotwise.shown_accounts import ShownAccounts
from workers.screen.portfolio_cells import COLUMNS, Cell, Scene
from workers.top.holdings_reader import Held
from workers.top.sheet import Column, Heading, SheetOf, SortKey

#: Columns after the contract's name from left to right, and by rank: the first ones are those of a
#: terminal of 80 columns.
SHOWN = (
    "quantity", "price", "age", "currency", "day", "unrealised", "delta", "value", "strategy",
    "band", "gamma", "vega", "theta", "source", "account",
)  # fmt: skip
RANKS = (
    "price", "age", "quantity", "day", "delta", "currency", "unrealised", "strategy", "value",
    "band", "theta", "gamma", "vega", "account", "source",
)  # fmt: skip
#: The field of a row that a column of numbers is sorted by.
_NUMBERS = {
    "quantity": "quantity", "price": "price", "value": "market_value", "day": "day_pnl",
    "unrealised": "unrealized_pnl", "delta": "dollar_delta", "gamma": "gamma", "vega": "vega",
    "theta": "theta", "band": "band",
}  # fmt: skip
_TEXTS: dict[str, Callable[[PortfolioRow], str]] = {
    "currency": lambda row: row.currency,
    "source": lambda row: row.price_source,
    "account": lambda row: row.account,
    "strategy": lambda row: row.strategy,
}
#: Width from which money is shown with cents.
CENTS_FROM = 110
#: Lines of sums at most, so that rows have room in 24 lines.
MOST_SUMS = 4


def portfolio_sheet(
    held: Held | None,
    at: datetime,
    width: int,
    zone: ZoneInfo,
    names: Callable[[Iterable[str]], ShownAccounts],
) -> SheetOf[PortfolioRow]:
    """Return the sheet of what was read last; its prices are as old as they are at `at`."""
    holdings = None if held is None else held.holdings
    rows = () if held is None else held.rows
    account_name = names({row.account for row in rows}).name
    scene = Scene(at, zone, 2 if width >= CENTS_FROM else 0)
    above: list[Text] = []
    if held is not None and held.error and held.since is not None:
        above.append(_outage(held, held.since, at, zone))
    total = None if held is None else held.total
    if total is not None and rows:
        sums = total.currencies
        if len(sums) > 1 or (total.bases and total.bases[0].currency != sums[0].currency):
            sums = (*total.bases, *sums)
        above += [_sums_line(one, at, width) for one in sums[:MOST_SUMS]]
        above.append(Text(ages_words(rows, at), "dim", no_wrap=True))
    empty = "looking ..." if held is None else "nothing is held"
    if held is not None and held.error and holdings is None:
        empty = held.error
    return SheetOf(
        columns=_columns(rows, scene, account_name),
        rows=rows,
        key_of=lambda row: f"{row.account}/{row.con_id}",
        words_of=lambda row: (
            f"{row.contract} {' '.join(row.strategies) or 'unassigned'} {row.kind} {row.sector}"
            f" {row.currency} {account_name(row.account)} {row.freshness(at)}"
        ),
        con_id_of=lambda row: row.con_id,
        above=tuple(above),
        empty=printable(empty),
    )


def _outage(held: Held, since: datetime, at: datetime, zone: ZoneInfo) -> Text:
    lasts = formatting.short_duration((at - since).total_seconds())
    text = f"no news for {lasts}: {held.error}"
    if held.holdings is not None:
        text = f"of {held.holdings.at.astimezone(zone):%H:%M:%S}, {text}"
    return Text(printable(text), "yellow", no_wrap=True, overflow="ellipsis")


def _sums_line(sums: Sums, at: datetime, width: int) -> Text:
    """Return the sums of one currency, as many of them as a line has room for."""
    oldest = "no price"
    if sums.oldest_price_at is not None:
        age = max((at - sums.oldest_price_at).total_seconds(), 0.0)
        oldest = f"oldest {formatting.short_duration(age)}"
    name = f"in {sums.currency}" if sums.is_base else sums.currency or "no currency"
    text = f"{name}: {sums.priced:,} of {sums.holdings:,} priced, {oldest}"
    for word, amount in (
        ("day", sums.day_pnl),
        ("open", sums.unrealized_pnl),
        ("delta", sums.dollar_delta),
        ("value", sums.market_value),
    ):
        more = f"  {word} {amount_words(amount, sums.holdings, 0) or UNKNOWN}"
        if len(text) + len(more) > width:
            break
        text += more
    return Text(text, "bold", no_wrap=True)


def _columns(
    rows: Iterable[PortfolioRow], scene: Scene, account_name: Callable[[str], str]
) -> tuple[Column[PortfolioRow], ...]:
    accounts, currencies = set(), set()
    for row in rows:
        accounts.add(row.account)
        currencies.add(row.currency)
    #: Columns that would say the same on every row.
    alike = {
        name
        for name, values in (("account", accounts), ("currency", currencies))
        if len(values) < 2
    }
    found: list[Column[PortfolioRow]] = [
        Column(
            Heading("contract", is_text=True),
            lambda row: Cell(row.contract),
            lambda row: row.contract,
        )
    ]
    for name in SHOWN:
        if name not in alike:
            found.append(_column(name, scene, account_name))
    return tuple(found)


def _column(name: str, scene: Scene, account_name: Callable[[str], str]) -> Column[PortfolioRow]:
    rank = RANKS.index(name)
    if name == "strategy":
        return Column(Heading("strategy", rank, True), lambda row: Cell(row.strategy), _TEXTS[name])
    if name == "account":
        return Column(
            Heading("account", rank, True),
            lambda row: Cell(account_name(row.account)),
            _TEXTS[name],
        )
    column = COLUMNS[name]
    heading = {"price": "mark", "currency": "in"}.get(name, column.header)
    return Column(
        Heading(heading, rank, column.is_text),
        lambda row: column.of_row(row, scene),
        _sort_key(name, scene.at),
    )


def _sort_key(name: str, at: datetime) -> Callable[[PortfolioRow], SortKey]:
    if name == "age":
        return lambda row: row.age_s(at)
    field = _NUMBERS.get(name)
    if field is None:
        return _TEXTS[name]

    def number(row: PortfolioRow) -> SortKey:
        value: Decimal | None = getattr(row, field)
        return None if value is None else float(value)

    return number
