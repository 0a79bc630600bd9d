"""`slotwise positions` and `slotwise history`: what is held, was held, and was known."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.errors import InputError, SlotwiseError
from slotwise.holdings_diff import label, moved
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.history import Seen, changes
from slotwise.lake.history import history as read_history
from slotwise.lake.store import Lake
from slotwise.moment import read_moment
from slotwise.plot import Point, blocks, picture
from slotwise.report.markup import as_xml
from slotwise.settings import settings

#: Blocks of a plot in the terminal: what a line of 80 has room for.
BLOCKS_WIDE = 60
#: Changes shown by `history`; the rest is counted.
SHOWN = 40

Zone = Annotated[str, typer.Option(help="Zone of the times, as America/New_York.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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
    account: Annotated[str | None, typer.Option(help="One account, with its models.")] = None,
    zone: Zone = "UTC",
    as_json: AsJson = False,
) -> None:
    """Show what is held, what was held at a time, or what changed between two.

    Example: slotwise positions --as-of "2026-11-20 14:32" --zone America/New_York
    """
    if diff is not None and as_of is not None:
        raise InputError("--diff names its own times: leave --as-of out")
    known = None if known_at is None else read_moment(known_at, zone)
    if diff is not None:
        _show_diff(diff, known, account, zone, as_json)
        return
    at = datetime.now(UTC) if as_of is None else read_moment(as_of, zone)
    rows = _held(at, known, account)
    if as_json:
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
        return
    clock = ZoneInfo(zone)
    table = Table(title=f"{len(rows)} holdings at {at.astimezone(clock):%Y-%m-%d %H:%M:%S} {zone}")
    for column in ("account", "contract id", "contract", "quantity", "price", "value", "observed"):
        is_number = column in ("quantity", "price", "value")
        table.add_column(column, justify="right" if is_number else "left")
    for row in rows:
        table.add_row(
            row["account"],
            str(row["con_id"]),
            label(row),
            _number(row["quantity"]),
            _number(row["price"]),
            _number(row["market_value"]),
            f"{row['observed_at'].astimezone(clock):%m-%d %H:%M:%S}",
        )
    Console().print(table)


def history(
    con_id: Annotated[int, typer.Argument(help="The contract id.")],
    since: Annotated[str | None, typer.Option("--from", help="Observed since then.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Observed until then.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Also draw it into this .svg file.")] = None,
    zone: Zone = "UTC",
    as_json: AsJson = False,
) -> None:
    """Show how a contract's quantity and price went: when it was so, and when we knew.

    Example: slotwise history 756733 --from "2026-11-20 09:30" --plot spy.svg
    """
    if con_id < 1:
        raise InputError(f"contract id {con_id} is not a positive number")
    if plot is not None and plot.suffix != ".svg":
        raise InputError(f"--plot {str(plot)!r}: pictures are drawn as .svg")
    states = read_history(
        Lake(settings().lake_path),
        con_id,
        None if since is None else read_moment(since, zone),
        None if until is None else read_moment(until, zone),
    )
    if plot is not None:
        _draw(plot, con_id, states, zone)
    if as_json:
        sys.stdout.write(msgspec.json.encode(states).decode() + "\n")
        return
    clock = ZoneInfo(zone)
    shown = changes(states)
    sys.stdout.write(f"{con_id}: {len(states)} states, {len(shown)} changes\n")
    for name, points in _rows(states, zone):
        if points:
            low, high = min(v for _, v in points), max(v for _, v in points)
            drawn = blocks(points, BLOCKS_WIDE)
            sys.stdout.write(f"{name:>8} {drawn} {points[-1][1]:g} ({low:g} to {high:g})\n")
    for state in shown[-SHOWN:]:
        at, knew = (t.astimezone(clock) for t in (state.observed_at, state.landed_at))
        sys.stdout.write(
            f"{at:%Y-%m-%d %H:%M:%S} {zone}, known {knew:%H:%M:%S}: {state.account}"
            f" {_number(state.quantity)} at {_number(state.avg_cost)}, {state.source}\n"
        )
    if len(shown) > SHOWN:
        sys.stdout.write(f"and {len(shown) - SHOWN} changes before: --from and --to, or --json\n")


def _show_diff(
    times: tuple[str, str], known: datetime | None, account: str | None, zone: str, as_json: bool
) -> None:
    before, after = (_held(read_moment(text, zone), known, account) for text in times)
    found = moved(before, after)
    if as_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    signs = {"opened": "+", "closed": "-", "changed": "~"}
    for one in found:
        sys.stdout.write(
            f"{signs[one.what]} {one.account} {one.con_id} {one.contract}:"
            f" {_number(one.before)} -> {_number(one.after)}\n"
        )
    if not found:
        sys.stdout.write("nothing changed\n")


def _held(at: datetime, known: datetime | None, account: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = positions_as_of(
        settings().lake_path, at, known, account
    ).to_pylist()
    return rows


def _rows(states: list[Seen], zone: str) -> list[tuple[str, list[Point]]]:
    clock = ZoneInfo(zone)
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
