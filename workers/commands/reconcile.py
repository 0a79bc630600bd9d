"""`slotwise reconcile`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import typer

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.formatting import counted
from slotwise.health.verdict.finding import Named
from slotwise.reconciliation.report import Break, Report, without_accounts
from slotwise.settings import settings
from tasks.reconciliation import SETTLE_S, request_report
from workers.commands.accounts import (
    WholeAccounts,
    are_whole,
    resolve_account,
    session_accounts,
    shown_accounts,
)
from workers.commands.output import PlainTable, console, say_json
from workers.screen.readers import BusReader
from workers.screen.reconcilable import hindrance

#: Exit status by the report's status.
EXIT = {"matched": 0, "broken": 1, "stale": 2}
#: A worker has this long to answer, seconds: two snapshots, and evidence.
TIMEOUT_S = 60.0
#: Breaks printed at most; all of them are in the lake and in --json.
SHOWN = 50


def reconcile(
    account: Annotated[str | None, typer.Option(help="Only this account, with its models.")] = None,
    whole_accounts: WholeAccounts = False,
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
    What the gateway knows to prevent it, such as a TWS that is not logged in,
    is said at once.

    Example: slotwise reconcile --account DU1234567 --heal
    """
    config = settings()
    bus = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S)
    bus.ping()
    session = session_accounts(bus)
    account = resolve_account(account, session)
    found = hindrance(BusReader(bus).read(), account)
    if found is not None:
        report = _stale(found, account)
    else:
        # On standard error, where it disturbs no reader of the report.
        with console(error=True).status("waiting for a worker") as doing:
            report = request_report(
                account, timeout, heal=heal, settle_s=settle, on_progress=doing.update
            )
    broken = (*report.breaks, *report.healed)
    names = shown_accounts({*session, *(one.account for one in broken)}, whole_accounts)
    if not are_whole(whole_accounts):
        report = without_accounts(report, names.name)
    if as_json:
        say_json(report)
    else:
        _print(report)
    raise typer.Exit(EXIT[report.status])


def _stale(found: Named, account: str | None) -> Report:
    """Return the report of a reconciliation that was not begun; it is not kept in the lake."""
    now = datetime.now(UTC)
    return Report(
        report_id=uuid.uuid4().hex,
        status="stale",
        reason=f"{found.sentence}; {found.advice}",
        account=account,
        snapshot_id=None,
        requested_at=now,
        completed_at=now,
        matched=0,
        breaks=(),
    )


def _print(report: Report) -> None:
    out = console()
    took_s = (report.completed_at - report.requested_at).total_seconds()
    out.print(
        f"{report.status}: {report.matched} matched, {counted(len(report.breaks), 'break')}, "
        f"{len(report.healed)} healed in {took_s:.1f} s",
        style="bold",
    )
    if report.reason:
        out.print(report.reason)
    if report.breaks:
        out.print(_table(report.breaks))
        if len(report.breaks) > SHOWN:
            out.print(f"and {len(report.breaks) - SHOWN} more: see --json, or table breaks")
    if report.healed:
        out.print(_table(report.healed, title="no longer broken"))
    if report.mended:
        out.print(
            f"the broker's state of {counted(report.mended, 'holding')} is on its way to the lake;"
            " the next reconciliation verifies it"
        )


def _table(breaks: Iterable[Break], title: str | None = None) -> PlainTable:
    table = PlainTable(title=title)
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
