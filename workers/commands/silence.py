"""`slotwise silence`: breaks that are not sent for a while."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated

import msgspec
import typer

from slotwise.errors import InputError
from slotwise.health.verdict.table import STATES
from slotwise.lake.misfits import batch_by_hand
from slotwise.lake.reconciliation_queries import silence_rows
from slotwise.lake.schemas import SILENCES
from slotwise.lake.writer import append_rows
from slotwise.reconciliation.silences import Silence, duration, in_force
from slotwise.reconciliation.silences import silence as make_silence
from slotwise.shown_accounts import is_masked
from workers.commands.accounts import (
    WholeAccounts,
    live_accounts,
    resolve_account,
    shown_accounts,
)
from workers.commands.common import AsJson, open_lake
from workers.commands.output import PlainTable, console, say, say_json

silence = typer.Typer(help="Silence alerts about breaks, until a time.", no_args_is_help=True)


@silence.command("add")
def add(
    for_: Annotated[str, typer.Option("--for", help="For how long: 30m, 4h or 2d.")],
    why: Annotated[str, typer.Option(help="Why, for readers of the list.")],
    contract: Annotated[int | None, typer.Option(help="Only of this contract id.")] = None,
    cause: Annotated[str | None, typer.Option(help="Only of this cause, such as expired.")] = None,
    account: Annotated[str | None, typer.Option(help="Only in this account.")] = None,
    state: Annotated[
        str | None, typer.Option(help="A state of the verdict, such as competing_session.")
    ] = None,
) -> None:
    """Send no alerts about breaks of a contract or a cause, or about a state of the verdict.

    Reports and status go on to show them.

    Example: slotwise silence add --contract 756733 --for 2d --why "transfer under way"
    """
    now = datetime.now(UTC)
    if state is not None and state not in (known := [one.name for one in STATES]):
        near = get_close_matches(state, known, 1)
        hint = f", did you mean {near[0]}?" if near else ": see docs/operations.md"
        raise InputError(f"{state!r} is no state of the verdict{hint}")
    # An account may be silenced before anything of it has landed.
    live = live_accounts() if account and is_masked(account) else ()
    made = make_silence(
        con_id=contract,
        cause=cause,
        account=resolve_account(account, live),
        until=now + duration(for_),
        why=why,
        now=now,
        state=state,
    )
    _append(made)
    say(f"{made.silence_id}: silent until {made.until:%Y-%m-%d %H:%M} UTC")


@silence.command("list")
def list_silences(
    whole_accounts: WholeAccounts = False,
    as_json: AsJson = False,
) -> None:
    """Show the silences in force, the first to end first.

    Example: slotwise silence list --json
    """
    found = in_force(silence_rows(open_lake()), datetime.now(UTC))
    names = shown_accounts((one.account or "" for one in found), whole_accounts)
    found = [
        msgspec.structs.replace(one, account=one.account and names.name(one.account))
        for one in found
    ]
    if as_json:
        say_json(found)
        return
    table = PlainTable("silence", "state", "contract", "cause", "account", "until (UTC)", "why")
    for one in found:
        table.add_row(
            one.silence_id,
            one.state or "breaks",
            str(one.con_id or "any"),
            one.cause or "any",
            one.account or "any",
            f"{one.until:%Y-%m-%d %H:%M}",
            one.why,
        )
    console().print(table)


@silence.command("lift")
def lift(silence_id: Annotated[str, typer.Argument(help="As `list` shows it.")]) -> None:
    """End a silence before its time.

    Example: slotwise silence lift 3f9a1c
    """
    now = datetime.now(UTC)
    found = in_force(silence_rows(open_lake()), now)
    known = next((one for one in found if one.silence_id == silence_id), None)
    if known is None:
        raise InputError(f"there is no silence {silence_id!r} in force: see slotwise silence list")
    _append(msgspec.structs.replace(known, event="lifted", at=now))
    say(f"{silence_id}: lifted")


def _append(row: Silence) -> None:
    append_rows(open_lake(), SILENCES.name, batch_by_hand([row], SILENCES.sent))
