"""`slotwise positions`: what is held, was held, and was known."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import replace

from slotwise.errors import InputError, NotKnownError
from slotwise.formatting import counted
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.known import check_empty_answer, check_moment
from slotwise.lake.rates import rates_as_of
from slotwise.parse_time import read_moment, read_zone
from slotwise.rules.holdings_diff import moved
from slotwise.settings import settings
from workers.commands.accounts import WholeAccounts, resolve_account, shown_accounts
from workers.commands.common import AsJson, open_lake
from workers.commands.money import footer, totals_data, with_base
from workers.commands.output import console, say, say_json
from workers.commands.positions_table import chosen, holdings_schema, holdings_table, number_text
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
    rows = _read_positions(at, known, account)
    if not rows:
        check_empty_answer(open_lake(), at, account)
    local = at.astimezone(read_zone(zone))
    selection = selection_of(symbol, strategy, None, kind, expiring, local)
    rows = chosen(rows, selection, sort, at)
    rates = rates_as_of(open_lake(), at, known)
    names = shown_accounts((row["account"] for row in rows), whole_accounts)
    if parquet is not None or as_csv or (as_json and not totals):
        data = [with_base(row, rates, at) | {"account": names.name(row["account"])} for row in rows]
        if parquet is not None:
            if not data:
                raise NotKnownError(f"nothing is held: {parquet} is not written")
            write_rows(parquet, data, holdings_schema())
        if as_json:
            say_json(data)
        elif as_csv:
            print_rows(sys.stdout, data, holdings_schema())
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
    out.print(
        holdings_table(rows, f"{counted(len(rows), 'holding')} at {when}", out.width, names, clock)
    )
    for line in sums:
        say(line)


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
    before, after = (_read_positions(at, known, account) for at in moments)
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
            f" {number_text(one.before)} -> {number_text(one.after)}"
        )
    if not found:
        say("nothing changed")


def _read_positions(
    at: datetime, known: datetime | None, account: str | None
) -> list[dict[str, Any]]:
    check_moment(at, datetime.now(UTC))
    rows: list[dict[str, Any]] = positions_as_of(
        settings().lake_path, at, known, account
    ).to_pylist()
    return rows
