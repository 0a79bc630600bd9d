"""`slotwise history`: one contract's past, in words and drawn."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from slotwise.errors import InputError, NotKnownError
from slotwise.formatting import counted, price
from slotwise.lake.executions import executions_between
from slotwise.lake.history import Seen, changes
from slotwise.lake.history import history as read_history
from slotwise.lake.known import check_moment
from slotwise.lake.price_history import marked_prices, quoted_prices
from slotwise.parse_time import read_moment, read_zone
from slotwise.report.history_plot import HistoryPlot, history_plot, svg_picture
from slotwise.report.markup import as_xml
from slotwise.report.plot import blocks
from slotwise.report.terminal_plot import plot_lines
from slotwise.shown_accounts import ShownAccounts
from workers.commands.accounts import WholeAccounts, shown_accounts
from workers.commands.common import AsJson, open_lake
from workers.commands.contract_named import recorded_contract
from workers.commands.output import console, say, say_json, writing
from workers.commands.positions_table import number_text
from workers.commands.selecting import Zone, zone_name

#: Changes that are shown; the rest is counted.
SHOWN = 40
#: Blocks of the line of quantities: what 80 columns have room for.
BLOCKS_WIDE = 50
#: Kinds of pictures.
SVG, PNG = ".svg", ".png"


def history(
    contract: Annotated[
        list[str], typer.Argument(help="A contract: its id, symbol, or SPY 20261218 P 560.")
    ],
    since: Annotated[str | None, typer.Option("--from", help="Observed since then.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Observed until then.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Also draw it into this .svg or .png file.")
    ] = None,
    whole_accounts: WholeAccounts = False,
    zone: Zone = None,
    as_json: AsJson = False,
) -> None:
    """Show a contract's quantity and price over time: when observed, and when recorded.

    Prices are those of positions, of quotes in turn and on a line, and of
    marks, with their band. Fills are executions as TWS lists them; what
    they do not explain of a change is inferred, and drawn hollow.

    Example: slotwise history SPY --from "friday open" --plot spy.svg
    """
    words = " ".join(contract)
    con_id = recorded_contract(words)
    if plot is not None and plot.suffix not in (SVG, PNG):
        raise InputError(f"--plot {str(plot)!r}: pictures are drawn as .svg or .png")
    zone = zone_name(zone)
    now = datetime.now(UTC)
    begin = None if since is None else read_moment(since, zone, now, begins=True)
    end = None if until is None else read_moment(until, zone, now)
    for moment in (begin, end):
        if moment is not None:
            check_moment(moment, now)
    lake = open_lake()
    states = read_history(lake, con_id, begin, end)
    prices = [
        *quoted_prices(lake, con_id, begin, end),
        *marked_prices(lake, con_id, begin, end),
    ]
    name = str(con_id) if words == str(con_id) else f"{words} ({con_id})"
    executions = executions_between(lake, begin, end, [con_id])
    drawing = history_plot(name, states, prices, zone, executions)
    if drawing is None:
        raise NotKnownError(f"no row names contract {con_id} in this time")
    if plot is not None:
        _draw(plot, drawing)
        say(f"{plot}: the picture is written", sys.stderr)
    accounts = {*(one.account for one in states), *(one.account for one in drawing.fills)}
    names = shown_accounts(accounts, whole_accounts)
    states = [replace(state, account=names.name(state.account)) for state in states]
    if as_json:
        say_json(states)
        return
    _print(con_id, states, drawing, zone)
    _print_fills(drawing, zone, names)


def _print(con_id: int, states: list[Seen], drawing: HistoryPlot, zone: str) -> None:
    clock, shown = read_zone(zone), changes(states)
    inferred = sum(fill.is_inferred for fill in drawing.fills)
    note = f", {inferred:,} of them inferred" if inferred else ""
    say(
        f"{con_id}: {counted(len(states), 'state')}, {counted(len(shown), 'change')},"
        f" {counted(len(drawing.price), 'price')}, {counted(len(drawing.fills), 'fill')}{note}"
    )
    if len({value for _, value in drawing.quantity}) > 1:
        low, high = (pick(value for _, value in drawing.quantity) for pick in (min, max))
        last = drawing.quantity[-1][1]
        say(f"quantity {blocks(drawing.quantity, BLOCKS_WIDE)} {last:g} ({low:g} to {high:g})")
    for line in plot_lines(drawing, console().width):
        say(line)
    for state in shown[-SHOWN:]:
        at, knew = (t.astimezone(clock) for t in (state.observed_at, state.landed_at))
        say(
            f"{at:%Y-%m-%d %H:%M:%S} {zone}, known {knew:%H:%M:%S}: {state.account}"
            f" {number_text(state.quantity)} at {number_text(state.avg_cost) or 'unknown cost'},"
            f" {state.source}"
        )
    if len(shown) > SHOWN:
        say(f"and {counted(len(shown) - SHOWN, 'change')} before: --from and --to, or --json")


def _print_fills(drawing: HistoryPlot, zone: str, names: ShownAccounts) -> None:
    clock = read_zone(zone)
    for fill in drawing.fills[-SHOWN:]:
        what = "bought" if fill.quantity > 0 else "sold"
        at = "an unknown price" if fill.price is None else price(Decimal(str(fill.price)))
        by = "inferred, at the last price" if fill.is_inferred else "execution"
        say(
            f"{fill.at.astimezone(clock):%Y-%m-%d %H:%M:%S} {zone}: {names.name(fill.account)}"
            f" {what} {abs(fill.quantity):g} at {at}, {by}"
        )


def _draw(file: Path, drawing: HistoryPlot) -> None:
    with writing(file):
        if file.suffix == PNG:
            # Imported here: it takes half a second.
            from slotwise.report.png import write_png

            write_png(drawing, file)
        else:
            file.write_text(as_xml(svg_picture(drawing)), encoding="utf-8")
