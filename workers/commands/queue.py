"""`slotwise queue`: what waits, what failed for good, and what could not land."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from slotwise.bus.commands import Commands, CompareBook
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.status import QueueStatus, StatusBoard
from slotwise.errors import InputError, NoSystemError
from slotwise.formatting import counted
from slotwise.lake.queries import entries_set_aside, failed_items, queue_totals
from slotwise.lake.schemas import SET_ASIDE
from slotwise.lake.set_aside import AsideRow, put_back_row
from slotwise.rules.landing import Retried, Rows
from slotwise.rules.position_queue import QueueRow
from workers.commands.accounts import WholeAccounts, shown_accounts
from workers.commands.common import AsJson, open_bus, open_lake
from workers.commands.output import PlainTable, console, say, say_json

queue = typer.Typer(
    help="Show the queue, and put back what failed.\n\nExample: slotwise queue --json"
)

#: Items in one entry of the landing stream.
CHUNK = 500
NO_LANDING = "what waits now is not known: no lake worker has landed in the last minute"
#: Rows of a table that a person reads; more are counted.
SHOWN = 50


@queue.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what waits, what is leased, and how far the lake is behind.

    Example: slotwise queue --json
    """
    if context.invoked_subcommand is not None:
        return
    with open_bus() as bus:
        status = StatusBoard(bus).get(QueueStatus)
    totals = queue_totals(open_lake())
    if as_json:
        say_json({"now": status, "ever": totals})
        if status is None:
            raise NoSystemError(NO_LANDING)
        return
    say(
        f"ever: {totals.inserted:,} inserted, {totals.succeeded:,} landed,"
        f" {totals.failed:,} failed, {totals.pending:,} not ended"
        + (f", {totals.closed:,} closed before they were polled" if totals.closed else "")
    )
    if status is None:
        raise NoSystemError(NO_LANDING)
    batches = counted(status.batches, "batch", "batches")
    entries = counted(status.landing_entries, "entry", "entries")
    # Where nothing waits there is no oldest one.
    oldest = f", the oldest for {status.oldest_s:.0f} s" if status.waiting + status.leased else ""
    say(f"now: {status.waiting:,} waiting, {status.leased:,} leased to {batches}{oldest}")
    landed = f"{counted(status.landed_rows, 'row')} in {status.commit_ms:.0f} ms"
    say(f"landing: {entries} to land; the last one at {status.at:%H:%M:%S} UTC, {landed}")


@queue.command("dead")
def dead(whole_accounts: WholeAccounts = False, as_json: AsJson = False) -> None:
    """Show the items that failed for good, each with its reason, the newest first.

    Example: slotwise queue dead
    """
    rows = failed_items(open_lake())
    names = shown_accounts((row.account for row in rows), whole_accounts)
    rows = [msgspec.structs.replace(row, account=names.name(row.account)) for row in rows]
    if as_json:
        say_json(rows)
        return
    table = PlainTable("item", "account", "contract id", "tries", "failed at (UTC)", "reason")
    for row in rows[:SHOWN]:
        ended = f"{row.ended_at:%Y-%m-%d %H:%M:%S}" if row.ended_at else ""
        table.add_row(
            row.item_id, row.account, str(row.con_id), str(row.attempt), ended, row.error or ""
        )
    console().print(table)
    say(f"{counted(len(rows), 'item')} failed for good")


@queue.command("retry")
def retry(
    items: Annotated[list[str] | None, typer.Argument(help="Items, as `dead` names them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that failed.")] = False,
) -> None:
    """Put items that failed for good back into the queue, with all their tries.

    Example: slotwise queue retry --all
    """
    if bool(items) == everything:
        raise InputError("name the items to put back, or all of them with --all")
    rows = failed_items(open_lake())
    chosen = rows if everything else _select_rows(rows, items or [])
    with open_bus() as bus:
        stream = LandingStream(bus)
        now = datetime.now(UTC)
        for start in range(0, len(chosen), CHUNK):
            stream.append(Retried(tuple(chosen[start : start + CHUNK]), now))
        # What closed since has nothing to poll: the gateway sends the closing to the lake.
        Commands(bus).send(CompareBook("queue retry"))
    say(f"{counted(len(chosen), 'item')} put back; a holding that waits already is left as it is")


@queue.command("aside")
def aside(
    put_back: Annotated[bool, typer.Option("--put-back", help="Send them again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the entries that could not land, with the reason; send them again once it is gone.

    Example: slotwise queue aside
    """
    entries = entries_set_aside(open_lake())
    if put_back:
        with open_bus() as bus:
            stream = LandingStream(bus)
            for entry in entries:
                # In this order a crash between the two sends an entry again, and loses none.
                stream.append_raw(entry.head, entry.rows)
                stream.append(Rows(SET_ASIDE.name), put_back_row(entry))
        say(f"{counted(len(entries), 'entry', 'entries')} sent again")
        return
    if as_json:
        say_json([{"entry": e.entry, "reason": e.reason, "bytes": _size(e)} for e in entries])
        return
    for entry in entries[:SHOWN]:
        say(f"{entry.entry}: {entry.reason} ({_size(entry)} bytes)")
    say(f"{counted(len(entries), 'entry', 'entries')} could not land")


def _size(entry: AsideRow) -> int:
    return len(entry.head) + len(entry.rows or b"")


def _select_rows(rows: list[QueueRow], items: list[str]) -> list[QueueRow]:
    known = {row.item_id: row for row in rows}
    unknown = [item for item in items if item not in known]
    if unknown:
        raise InputError(
            f"{unknown[0]} is no item that failed for good: slotwise queue dead lists them"
        )
    return [known[item] for item in dict.fromkeys(items)]
