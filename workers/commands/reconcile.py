"""`slotwise reconcile`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.bus.client import Bus
from slotwise.reconciliation.report import Break, Report
from slotwise.settings import settings
from tasks.reconciliation import SETTLE_S, request_report

#: Exit status by the report's status.
EXIT = {"matched": 0, "broken": 1, "stale": 2}
#: A worker has this long to answer, seconds: two snapshots, and evidence.
TIMEOUT_S = 60.0
#: Breaks printed at most; all of them are in the lake and in --json.
SHOWN = 50


def reconcile(
    account: Annotated[str | None, typer.Option(help="Only this account, with its models.")] = None,
    heal: Annotated[
        bool,
        typer.Option("--heal", help="Land the broker's state where the book will not learn it."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    settle: Annotated[
        float, typer.Option(min=0, max=600, help="Seconds for news under way to land.")
    ] = SETTLE_S,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds a worker has to answer.")
    ] = TIMEOUT_S,
) -> None:
    """Compare the lake's book with what the broker says now.

    Exit status: 0 matched, 1 broken, 2 stale (nothing could be verified).

    Example: slotwise reconcile --account DU1234567 --heal
    """
    config = settings()
    Bus(config.redis_url, config.key_prefix).ping()
    # On standard error, where it disturbs no reader of the report.
    with Console(stderr=True).status("waiting for a worker") as doing:
        report = request_report(
            account, timeout, heal=heal, settle_s=settle, on_progress=doing.update
        )
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _print(report)
    raise typer.Exit(EXIT[report.status])


def _print(report: Report) -> None:
    console = Console()
    took_s = (report.completed_at - report.requested_at).total_seconds()
    console.print(
        f"{report.status}: {report.matched} matched, {len(report.breaks)} breaks, "
        f"{len(report.healed)} healed in {took_s:.1f} s",
        style="bold",
    )
    if report.reason:
        console.print(report.reason)
    if report.breaks:
        console.print(_table(report.breaks))
        if len(report.breaks) > SHOWN:
            console.print(f"and {len(report.breaks) - SHOWN} more: see --json, or table breaks")
    if report.healed:
        console.print(_table(report.healed, title="no longer broken"))
    if report.mended:
        console.print(
            f"the broker's state of {report.mended} holdings is on its way to the lake; the next "
            "reconciliation verifies it"
        )


def _table(breaks: Iterable[Break], title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("account", "contract", "kind", "cause", "state", "book", "broker", "seen from"):
        table.add_column(name, overflow="fold")
    for found in list(breaks)[:SHOWN]:
        table.add_row(
            found.account,
            f"{found.symbol} ({found.con_id})",
            found.kind.replace("_", " "),
            found.cause.replace("_", " "),
            found.state,
            *_sides(found),
            found.evidence,
        )
    return table


def _sides(found: Break) -> tuple[str, str]:
    """Show what differs: the quantities, or the costs where those are the same."""
    if found.kind == "avg_cost":
        return _number(found.book_avg_cost), _number(found.broker_avg_cost)
    return _number(found.book_quantity), _number(found.broker_quantity)


def _number(value: Decimal | None) -> str:
    return "-" if value is None else f"{value.normalize():f}"
