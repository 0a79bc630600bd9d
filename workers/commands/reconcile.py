"""`slotwise reconcile`."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.bus.client import Bus
from slotwise.reconciliation.report import Report
from slotwise.settings import settings
from tasks.reconciliation import request_report

#: Exit status by the report's status.
EXIT = {"matched": 0, "broken": 1, "stale": 2}
#: A worker has this long to answer, seconds: a snapshot, and three beats to settle.
TIMEOUT_S = 60.0


def reconcile(
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds a worker has to answer.")
    ] = TIMEOUT_S,
) -> None:
    """Compare the lake's book with what the broker says now.

    Exit status: 0 matched, 1 broken, 2 stale (nothing could be verified).
    """
    config = settings()
    Bus(config.redis_url, config.key_prefix).ping()
    report = request_report(account, timeout)
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        Console().print(_table(report))
    raise typer.Exit(EXIT[report.status])


def _table(report: Report) -> Table:
    title = f"{report.status}: {report.matched} matched, {len(report.breaks)} breaks"
    if report.reason:
        title += f" ({report.reason})"
    table = Table(title=title, title_justify="left")
    for name in ("account", "contract", "symbol", "kind", "cause", "book", "broker"):
        table.add_column(name)
    for found in report.breaks:
        table.add_row(
            found.account,
            str(found.con_id),
            found.symbol,
            found.kind,
            found.cause,
            str(found.book_quantity),
            str(found.broker_quantity),
        )
    return table
