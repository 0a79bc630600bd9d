"""`slotwise queue`: what waits, what failed for good, and what could not land."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.status import QueueStatus, StatusBoard
from slotwise.errors import InputError
from slotwise.lake.queries import entries_set_aside, failed_items, queue_totals
from slotwise.lake.schemas import SET_ASIDE
from slotwise.lake.set_aside import AsideRow, put_back_row
from slotwise.lake.store import Lake
from slotwise.landing import Retried, Rows
from slotwise.position_queue import QueueRow
from slotwise.settings import settings

queue = typer.Typer(
    help="Show the queue, and put back what failed.\n\nExample: slotwise queue --json"
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
#: Items in one entry of the landing stream.
CHUNK = 500
#: Rows of a table that a person reads; more are counted.
SHOWN = 50


@queue.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what waits, what is leased, and how far the lake is behind.

    Example: slotwise queue --json
    """
    if context.invoked_subcommand is not None:
        return
    with _bus() as bus:
        status = StatusBoard(bus).get(QueueStatus)
    totals = queue_totals(_lake())
    if as_json:
        _print_json({"now": status, "ever": totals})
        return
    sys.stdout.write(
        f"ever: {totals.inserted} inserted, {totals.succeeded} landed, {totals.failed} failed, "
        f"{totals.pending} not ended\n"
    )
    if status is None:
        sys.stdout.write("now: no lake worker has landed in the last minute\n")
        return
    sys.stdout.write(
        f"now: {status.waiting} wait, {status.leased} leased to {status.batches} batches, "
        f"the oldest for {status.oldest_s:.0f} s; {status.landing_entries} entries to land, "
        f"last landing {status.landed_rows} rows in {status.commit_ms:.0f} ms\n"
    )


@queue.command("dead")
def dead(as_json: AsJson = False) -> None:
    """Show the items that failed for good, each with its reason, the newest first.

    Example: slotwise queue dead
    """
    rows = failed_items(_lake())
    if as_json:
        _print_json(rows)
        return
    table = Table()
    for column in ("item", "account", "contract id", "tries", "failed at (UTC)", "reason"):
        table.add_column(column)
    for row in rows[:SHOWN]:
        ended = f"{row.ended_at:%Y-%m-%d %H:%M:%S}" if row.ended_at else ""
        table.add_row(
            row.item_id, row.account, str(row.con_id), str(row.attempt), ended, row.error or ""
        )
    Console().print(table)
    sys.stdout.write(f"{len(rows)} items failed for good\n")


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
    rows = failed_items(_lake())
    chosen = rows if everything else _named(rows, items or [])
    with _bus() as bus:
        stream = LandingStream(bus)
        now = datetime.now(UTC)
        for start in range(0, len(chosen), CHUNK):
            stream.append(Retried(tuple(chosen[start : start + CHUNK]), now))
    sys.stdout.write(
        f"{len(chosen)} items put back; a holding that waits already is left as it is\n"
    )


@queue.command("aside")
def aside(
    put_back: Annotated[bool, typer.Option("--put-back", help="Send them again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the entries that could not land, with the reason; send them again once it is gone.

    Example: slotwise queue aside
    """
    entries = entries_set_aside(_lake())
    if put_back:
        with _bus() as bus:
            stream = LandingStream(bus)
            for entry in entries:
                # In this order a crash between the two sends an entry again, and loses none.
                stream.append_raw(entry.head, entry.rows)
                stream.append(Rows(SET_ASIDE.name), put_back_row(entry))
        sys.stdout.write(f"{len(entries)} entries sent again\n")
        return
    if as_json:
        _print_json([{"entry": e.entry, "reason": e.reason, "bytes": _size(e)} for e in entries])
        return
    for entry in entries[:SHOWN]:
        sys.stdout.write(f"{entry.entry}: {entry.reason} ({_size(entry)} bytes)\n")
    sys.stdout.write(f"{len(entries)} entries could not land\n")


def _size(entry: AsideRow) -> int:
    return len(entry.head) + len(entry.rows or b"")


def _named(rows: list[QueueRow], items: list[str]) -> list[QueueRow]:
    known = {row.item_id: row for row in rows}
    unknown = [item for item in items if item not in known]
    if unknown:
        raise InputError(
            f"{unknown[0]} is no item that failed for good: slotwise queue dead lists them"
        )
    return [known[item] for item in dict.fromkeys(items)]


def _lake() -> Lake:
    return Lake(settings().lake_path)


def _print_json(data: object) -> None:
    sys.stdout.write(msgspec.json.encode(data).decode() + "\n")


@contextmanager
def _bus() -> Iterator[Bus]:
    bus = Bus(settings().redis_url, settings().key_prefix)
    try:
        yield bus
    finally:
        bus.close()
