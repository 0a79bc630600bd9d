"""`slotwise portfolio`: what is held, what it is worth, and how old that knowledge is."""

from __future__ import annotations

import gc
import sys
import textwrap
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.client.holdings import Holdings
from slotwise.client.live import LiveHoldings
from slotwise.errors import InputError
from slotwise.formatting import counted, quantity, short_duration
from slotwise.lake.known import check_moment
from slotwise.lake.store import Lake
from slotwise.parse_time import read_moment, read_zone
from slotwise.portfolio.grouping import Portfolio, read_grouping, with_account_names
from slotwise.portfolio.grouping import portfolio as grouped
from slotwise.portfolio.selection import Selection, selected, sorted_rows, usual_order
from slotwise.portfolio.sums import MEASURES
from slotwise.portfolio.words import ages_words, notes
from slotwise.printable import printable
from slotwise.settings import settings
from slotwise.shown_accounts import whole_name
from workers.commands.accounts import WholeAccounts, shown_accounts
from workers.commands.common import AsJson
from workers.commands.output import console, say_json
from workers.commands.pager import show_lines
from workers.commands.portfolio_table import Look, chosen_columns, measures_in, table_lines
from workers.commands.portfolio_watch import watch_lines
from workers.commands.row_files import print_rows, write_rows
from workers.commands.selecting import (
    Account,
    Expiring,
    InStrategy,
    Kind,
    Sort,
    Symbol,
    Zone,
    selection_of,
    zone_name,
)

#: Groups of a portfolio where none are named.
USUAL = "strategy"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What of the holdings is shown, and in which order."""

    by: tuple[str, ...]
    selection: Selection
    sort: str | None
    whole_accounts: bool = False

    def of(self, holdings: Holdings) -> Portfolio:
        """Choose, sort and group; raises NotKnownError for a name that no holding has."""
        held = {row.account for row in holdings.rows}
        names = shown_accounts(held, self.whole_accounts)
        accounts = tuple(whole_name(name, held) for name in self.selection.accounts)
        selection = msgspec.structs.replace(self.selection, accounts=accounts)
        rows = sorted(selected(holdings.rows, selection), key=usual_order)
        if self.sort is not None:
            rows = sorted_rows(rows, self.sort, holdings.at)
        return with_account_names(grouped(rows, holdings.rates, holdings.at, self.by), names.name)


def portfolio(
    by: Annotated[
        str,
        typer.Option(
            help="Groups, two at most: strategy, underlying, expiry, account, kind, currency; none."
        ),
    ] = USUAL,
    symbol: Symbol = None,
    strategy: InStrategy = None,
    account: Account = None,
    kind: Kind = None,
    expiring: Expiring = None,
    near: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Short options with a strike within so many percent of spot; with --sums they"
            " follow the sums of all.",
        ),
    ] = None,
    sort: Sort = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="What was held then: 'friday close', 14:32, ...")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="As it was known then; with --as-of.")
    ] = None,
    sums: Annotated[bool, typer.Option("--sums", help="Only the sums, no holdings.")] = False,
    greeks: Annotated[
        bool, typer.Option("--greeks", help="Greeks first, where there is room for few columns.")
    ] = False,
    whole_accounts: WholeAccounts = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it live; q ends it.")] = False,
    zone: Zone = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the holdings as CSV.")] = False,
    parquet: Annotated[
        Path | None, typer.Option(help="Write the holdings into this Parquet file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is held and worth, in groups with their sums: now, or at a time.

    Each price has its age, and each sum says how many prices it has and
    how old the oldest is. A number that is not known is a question mark,
    and in no sum.

    Example: slotwise portfolio --by underlying,expiry --greeks --sums
    """
    name = zone_name(zone)
    now = datetime.now(read_zone(name))
    at = now if as_of is None else read_moment(as_of, name, now).astimezone(now.tzinfo)
    view = View(
        by=read_grouping("" if by == "none" else by),
        selection=selection_of(symbol, strategy, account, kind, expiring, at, near),
        sort=sort,
        whole_accounts=whole_accounts,
    )
    read = _source(as_of, known_at, name, now)
    out = console()
    look = Look(
        width=out.width,
        view="near" if near is not None else "greeks" if greeks else "money",
        zone=read_zone(name),
        zone_name=name,
        with_rows=not sums,
        coloured=out.is_terminal and not out.no_color,
    )

    def lines_of(holdings: Holdings) -> Iterator[str]:
        if sums and near is not None:
            return _sums_and_near(holdings, view, look)
        return _lines(holdings, view, look)

    if watch:
        if as_of is not None or as_json or as_csv or parquet is not None:
            raise InputError("--watch shows what is held now on a terminal: leave the others out")
        watch_lines(lambda: lines_of(read()), out)
        return
    # A process that ends soon needs no search for cycles: a tenth of the time of 10,000 holdings.
    gc.disable()
    holdings = read()
    found = view.of(holdings)
    if not as_json and not as_csv and parquet is None:
        show_lines(lines_of(holdings), is_terminal=out.is_terminal)
        return
    # Imported here: what is only shown needs no Arrow.
    from slotwise.portfolio.data import SCHEMA, portfolio_data, row_data

    rows = [row_data(row, found.at) for row in found.total.rows]
    if parquet is not None:
        write_rows(parquet, rows, SCHEMA)
    if as_json:
        say_json(portfolio_data(found, with_rows=not sums, notes=_notes(holdings, found)))
    elif as_csv:
        print_rows(sys.stdout, rows, SCHEMA)


def _source(
    as_of: str | None, known_at: str | None, zone: str, now: datetime
) -> Callable[[], Holdings]:
    """Return what reads the holdings: of now from the boards, of the past from the lake."""
    config = settings()
    lake = Lake(config.lake_path)
    if as_of is None:
        if known_at is not None:
            raise InputError("--known-at goes with --as-of")
        return LiveHoldings(Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S), lake).read
    at = read_moment(as_of, zone, now)
    known = None if known_at is None else read_moment(known_at, zone, now)
    if known is not None:
        check_moment(known, now)
    from slotwise.client.past import past_holdings

    return lambda: past_holdings(lake, at, known)


def _lines(holdings: Holdings, view: View, look: Look) -> Iterator[str]:
    found = view.of(holdings)
    local = holdings.at.astimezone(look.zone)
    head = (
        f"{counted(len(found.total.rows), 'holding')} at {local:%Y-%m-%d %H:%M:%S} {look.zone_name}"
    )
    if holdings.positions_at is not None:
        age = (holdings.at - holdings.positions_at).total_seconds()
        head += f", positions read {short_duration(age)} ago"
    yield head
    if holdings.rows and not found.total.rows:
        yield "no holding meets these conditions"
        return
    yield ages_words(found.total.rows, found.at)
    columns = chosen_columns(found, look) if found.total.rows else []
    for note in _notes(holdings, found, measures_in(columns)):
        yield from textwrap.wrap(printable(note), look.width, subsequent_indent="  ")
    if found.total.rows:
        yield ""
        yield from table_lines(found, look, columns)


def _sums_and_near(holdings: Holdings, view: View, look: Look) -> Iterator[str]:
    """Yield the sums of everything, and below them the short options near spot."""
    selection = msgspec.structs.replace(view.selection, near=None)
    whole = msgspec.structs.replace(view, selection=selection)
    yield from _lines(holdings, whole, msgspec.structs.replace(look, view="greeks"))
    percent = quantity(view.selection.near or Decimal(0))
    shorts = msgspec.structs.replace(view, by=()).of(holdings)
    yield ""
    yield f"{counted(len(shorts.total.rows), 'short option')} within {percent} % of spot"
    if shorts.total.rows:
        look = msgspec.structs.replace(look, with_rows=True)
        yield from table_lines(shorts, look, chosen_columns(shorts, look))


def _notes(holdings: Holdings, found: Portfolio, measures: Collection[str] = MEASURES) -> list[str]:
    shown = {row.con_id for row in found.total.rows}
    is_whole = len(found.total.rows) == len(holdings.rows)
    profits = holdings.profits if is_whole else ()
    return notes(
        found.total,
        holdings.at.astimezone(UTC),
        positions_at=holdings.positions_at,
        unknown=holdings.unknown,
        closed_today=holdings.closed_today,
        measures=measures,
        # What is closed meets no condition that could be looked up.
        changes=[one for one in holdings.changes if is_whole or one.con_id in shown],
    ) + list(profits)
