"""`slotwise positions` and `slotwise history`: what is held, was held, and was known."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import replace

from slotwise.errors import InputError, NotKnownError, SlotwiseError
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.history import Seen, changes
from slotwise.lake.history import history as read_history
from slotwise.lake.known import check_empty_answer, check_moment
from slotwise.lake.rates import rates_as_of
from slotwise.parse_time import read_moment, read_zone
from slotwise.report.markup import as_xml
from slotwise.report.plot import Point, blocks, picture
from slotwise.rules.holdings_diff import moved
from slotwise.settings import settings
from workers.commands.accounts import WholeAccounts, resolve_account, shown_accounts
from workers.commands.common import AsJson, open_lake
from workers.commands.contract_named import recorded_contract
from workers.commands.money import footer, totals_data, with_base
from workers.commands.output import console, say, say_json
from workers.commands.positions_table import chosen, holdings_table
from workers.commands.row_files import print_rows, write_rows
from workers.commands.selecting import (
    Expiring,
    InStrategy,
    Kind,
    Sort,
    Symbol,
    Zone,
    selection_of,
    zone_name,
)

#: Blocks of a plot in the terminal: what a line of 80 has room for.
BLOCKS_WIDE = 60
#: Changes shown by `history`; the rest is counted.
SHOWN = 40


def positions(
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="What was held then: '2026-11-20 14:32'.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="As it was known then; by now if not named.")
    ] = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option("--diff", metavar="FROM TO", help="What changed between two times."),
    ] = None,
    symbol: Symbol = None,
    strategy: InStrategy = None,
    account: Annotated[str | None, typer.Option(help="One account, with its models.")] = None,
    kind: Kind = None,
    expiring: Expiring = None,
    sort: Sort = None,
    whole_accounts: WholeAccounts = False,
    totals: Annotated[bool, typer.Option("--totals", help="Only the sums.")] = False,
    zone: Zone = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    parquet: Annotated[Path | None, typer.Option(help="Write this Parquet file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the lake has of what is held, was held, or changed between two times.

    Prices are those of the record, each with its age; slotwise portfolio has the newest.
    Below it the sums: of each currency, and in the account's base currency where TWS gave rates.

    Example: slotwise positions --as-of "2026-11-20 14:32" --zone America/New_York
    """
    if diff is not None and as_of is not None:
        raise InputError("--diff names its own times: leave --as-of out")
    zone = zone_name(zone)
    now = datetime.now(UTC)
    known = None if known_at is None else read_moment(known_at, zone, now)
    if known is not None:
        check_moment(known, now)
    account = resolve_account(account)
    if diff is not None:
        _show_diff(diff, known, account, zone, as_json, whole_accounts)
        return
    at = now if as_of is None else read_moment(as_of, zone, now)
    rows = _held(at, known, account)
    if not rows:
        check_empty_answer(open_lake(), at, account)
    local = now.astimezone(read_zone(zone))
    selection = selection_of(symbol, strategy, None, kind, expiring, local)
    rows = chosen(rows, selection, sort, at)
    rates = rates_as_of(open_lake(), at, known)
    names = shown_accounts((row["account"] for row in rows), whole_accounts)
    if parquet is not None or as_csv or (as_json and not totals):
        data = [with_base(row, rates, at) | {"account": names.name(row["account"])} for row in rows]
        if parquet is not None:
            write_rows(parquet, data)
        if as_json:
            say_json(data)
        elif as_csv:
            print_rows(sys.stdout, data)
        return
    if as_json:
        say_json(totals_data(rows, rates, at))
        return
    sums = footer(rows, rates, at)
    if totals:
        for line in sums or ["nothing is held"]:
            say(line)
        return
    out = console()
    clock = read_zone(zone)
    when = f"{at.astimezone(clock):%Y-%m-%d %H:%M:%S} {zone}"
    out.print(holdings_table(rows, f"{len(rows)} holdings at {when}", out.width, names, clock))
    for line in sums:
        say(line)


def history(
    contract: Annotated[
        list[str], typer.Argument(help="A contract: its id, symbol, or SPY 20261218 P 560.")
    ],
    since: Annotated[str | None, typer.Option("--from", help="Observed since then.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Observed until then.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Also draw it into this .svg file.")] = None,
    whole_accounts: WholeAccounts = False,
    zone: Zone = None,
    as_json: AsJson = False,
) -> None:
    """Show how a contract's quantity and price went: when it was so, and when we knew.

    Example: slotwise history SPY --from "friday open" --plot spy.svg
    """
    con_id = recorded_contract(" ".join(contract))
    if plot is not None and plot.suffix != ".svg":
        raise InputError(f"--plot {str(plot)!r}: pictures are drawn as .svg")
    zone = zone_name(zone)
    clock, now = read_zone(zone), datetime.now(UTC)
    begin = None if since is None else read_moment(since, zone, now, begins=True)
    end = None if until is None else read_moment(until, zone, now)
    for moment in (begin, end):
        if moment is not None:
            check_moment(moment, now)
    states = read_history(open_lake(), con_id, begin, end)
    if not states:
        raise NotKnownError(f"no row names contract {con_id} in this time")
    if plot is not None:
        _draw(plot, con_id, states, zone)
    names = shown_accounts((state.account for state in states), whole_accounts)
    states = [replace(state, account=names.name(state.account)) for state in states]
    if as_json:
        say_json(states)
        return
    shown = changes(states)
    say(f"{con_id}: {len(states)} states, {len(shown)} changes")
    for name, points in _rows(states, zone):
        if points:
            low, high = min(v for _, v in points), max(v for _, v in points)
            drawn = blocks(points, BLOCKS_WIDE)
            say(f"{name:>8} {drawn} {points[-1][1]:g} ({low:g} to {high:g})")
    for state in shown[-SHOWN:]:
        at, knew = (t.astimezone(clock) for t in (state.observed_at, state.landed_at))
        say(
            f"{at:%Y-%m-%d %H:%M:%S} {zone}, known {knew:%H:%M:%S}: {state.account}"
            f" {_number(state.quantity)} at {_number(state.avg_cost) or 'unknown cost'},"
            f" {state.source}"
        )
    if len(shown) > SHOWN:
        say(f"and {len(shown) - SHOWN} changes before: --from and --to, or --json")


def _show_diff(
    times: tuple[str, str],
    known: datetime | None,
    account: str | None,
    zone: str,
    as_json: bool,
    whole_accounts: bool,
) -> None:
    now = datetime.now(UTC)
    moments = [read_moment(text, zone, now) for text in times]
    before, after = (_held(at, known, account) for at in moments)
    for at, rows in zip(moments, (before, after), strict=True):
        if not rows:
            check_empty_answer(open_lake(), at, account)
    names = shown_accounts((row["account"] for row in (*before, *after)), whole_accounts)
    found = tuple(replace(one, account=names.name(one.account)) for one in moved(before, after))
    if as_json:
        say_json(found)
        return
    signs = {"opened": "+", "closed": "-", "changed": "~"}
    for one in found:
        say(
            f"{signs[one.what]} {one.account} {one.con_id} {one.contract}:"
            f" {_number(one.before)} -> {_number(one.after)}"
        )
    if not found:
        say("nothing changed")


def _held(at: datetime, known: datetime | None, account: str | None) -> list[dict[str, Any]]:
    check_moment(at, datetime.now(UTC))
    rows: list[dict[str, Any]] = positions_as_of(
        settings().lake_path, at, known, account
    ).to_pylist()
    return rows


def _rows(states: list[Seen], zone: str) -> list[tuple[str, list[Point]]]:
    clock = read_zone(zone)
    quantity: list[Point] = []
    held: dict[str, float] = {}
    for state in states:
        held[state.account] = float(state.quantity)
        quantity.append((state.observed_at.astimezone(clock), sum(held.values())))
    price = [
        (state.observed_at.astimezone(clock), float(state.price))
        for state in states
        if state.price is not None
    ]
    return [("quantity", quantity), ("price", price)]


def _draw(file: Path, con_id: int, states: list[Seen], zone: str) -> None:
    drawn = as_xml(picture(f"contract {con_id}", _rows(states, zone), zone))
    try:
        file.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise SlotwiseError(f"{file} cannot be written: {error.strerror or error}") from error


def _number(value: Any) -> str:
    return "" if value is None else f"{value.normalize():f}"
