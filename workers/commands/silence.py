"""`slotwise silence`: breaks nobody wants to hear of for a while."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.errors import InputError
from slotwise.lake.arrow import to_batch
from slotwise.lake.queries import silence_rows
from slotwise.lake.schemas import SILENCES
from slotwise.lake.store import Lake
from slotwise.lake.writer import append_rows
from slotwise.reconciliation.silence import Silence, duration, in_force
from slotwise.reconciliation.silence import silence as make_silence
from slotwise.settings import settings

silence = typer.Typer(help="Silence alerts about breaks, until a time.", no_args_is_help=True)


@silence.command("add")
def add(
    for_: Annotated[str, typer.Option("--for", help="For how long: 30m, 4h or 2d.")],
    why: Annotated[str, typer.Option(help="Why, for whoever reads the list.")],
    contract: Annotated[int | None, typer.Option(help="Only of this contract id.")] = None,
    cause: Annotated[str | None, typer.Option(help="Only of this cause, such as expired.")] = None,
    account: Annotated[str | None, typer.Option(help="Only in this account.")] = None,
) -> None:
    """Send no alerts about breaks of a contract or a cause; reports go on to show them.

    Example: slotwise silence add --contract 756733 --for 2d --why "transfer under way"
    """
    now = datetime.now(UTC)
    made = make_silence(
        con_id=contract,
        cause=cause,
        account=account,
        until=now + duration(for_),
        why=why,
        now=now,
    )
    _append(made)
    sys.stdout.write(f"{made.silence_id}: silent until {made.until:%Y-%m-%d %H:%M} UTC\n")


@silence.command("list")
def list_silences(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the silences in force, the first to end first.

    Example: slotwise silence list --json
    """
    found = in_force(silence_rows(Lake(settings().lake_path)), datetime.now(UTC))
    if as_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    table = Table()
    for column in ("silence", "contract", "cause", "account", "until (UTC)", "why"):
        table.add_column(column)
    for one in found:
        table.add_row(
            one.silence_id,
            str(one.con_id or "any"),
            one.cause or "any",
            one.account or "any",
            f"{one.until:%Y-%m-%d %H:%M}",
            one.why,
        )
    Console().print(table)


@silence.command("lift")
def lift(silence_id: Annotated[str, typer.Argument(help="As `list` shows it.")]) -> None:
    """End a silence before its time.

    Example: slotwise silence lift 3f9a1c
    """
    now = datetime.now(UTC)
    found = in_force(silence_rows(Lake(settings().lake_path)), now)
    known = next((one for one in found if one.silence_id == silence_id), None)
    if known is None:
        raise InputError(f"there is no silence {silence_id!r} in force: see slotwise silence list")
    _append(msgspec.structs.replace(known, event="lifted", at=now))
    sys.stdout.write(f"{silence_id}: lifted\n")


def _append(row: Silence) -> None:
    append_rows(Lake(settings().lake_path), SILENCES.name, to_batch([row], SILENCES.sent))
