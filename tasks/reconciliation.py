"""`reconcile`: a fresh snapshot against the book, as rows of `reconciliations` and `breaks`.

By hand: `slotwise reconcile`, `request_report`, or Flower's API (docs/operations.md has the call).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog
from celery import states

from slotwise.account import masked, masked_in
from slotwise.errors import InputError, NoSystemError, SlotwiseError
from slotwise.formatting import counted
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import BREAKS, POSITION_UPDATES, RECONCILIATIONS
from slotwise.position import Position
from slotwise.quote import newest_by
from slotwise.reconciliation.healing import mended
from slotwise.reconciliation.procedure import ReconciliationProcedure
from slotwise.reconciliation.report import Report, without_accounts
from slotwise.rules.landing import Rows
from slotwise.rules.valuation import position_row
from tasks.alerts import raise_alerts
from tasks.app import app, task
from tasks.context import context
from tasks.live_sources import LiveSources
from tasks.redis_failure import raise_where_redis_fails, redis_failure_translated
from tasks.schedule import POLL

log = structlog.get_logger(__name__)

#: How long what is on its way may take to land, seconds: three beats.
SETTLE_S = 15.0
#: State of a task that reports its progress.
WORKING = "WORKING"
#: Time between two looks for an answer, seconds.
LOOK_S = 0.1
#: Time between two reports while something is about to land, seconds: half a beat.
LOOK_AGAIN_S = 2.5


@task("tasks.reconciliation.reconcile", bind=True, acks_late=True)
def reconcile(self: Any, account: str | None = None, heal: bool = False) -> dict[str, Any]:
    """Compare the lake's book with a snapshot taken after this request, and keep the report.

    `account` limits it to one account with its models; `heal` lands the broker's state for each
    break that nothing else will mend. Flower shows what is returned, so accounts in it are masked;
    the whole report is an answer on the bus, under the task's id.
    """
    check_arguments(account, heal)

    def show_progress(doing: str) -> None:
        # Called by hand, outside a worker, no caller waits for a state.
        if self.request.id and not self.request.is_eager:
            self.update_state(state=WORKING, meta={"doing": doing})

    outcome = ReconciliationProcedure(LiveSources(context()), account, show_progress).run()
    report = outcome.report
    if heal:
        rows = mended(report, outcome.book.positions, outcome.broker)
        landed = _land(rows, f"heal-{report.report_id}")
        report = msgspec.structs.replace(report, mended=landed)
    _keep(report)
    raise_alerts(report)
    log.info(
        "reconciled",
        status=report.status,
        matched=report.matched,
        breaks=len(report.breaks),
        healed=len(report.healed),
        mended=report.mended,
        reason=report.reason,
    )
    if self.request.id and not self.request.is_eager:
        context().answers.give(self.request.id, report)
        report = without_accounts(report)
    return dict(msgspec.to_builtins(report))


def request_report(
    account: str | None = None,
    timeout_s: float = 60.0,
    *,
    heal: bool = False,
    settle_s: float = SETTLE_S,
    on_progress: Callable[[str], None] = lambda doing: None,
) -> Report:
    """Request a reconciliation from a worker and wait for its report; pass on its progress.

    Where something is broken whose news is on its way to the lake, it is asked again for as long
    as `settle_s`. Raises NoSystemError when no worker answers in time, BusError where Redis fails.
    """
    with redis_failure_translated("the reconciliation"):
        return _report_once_settled(account, timeout_s, heal, settle_s, on_progress)


def _report_once_settled(
    account: str | None,
    timeout_s: float,
    heal: bool,
    settle_s: float,
    on_progress: Callable[[str], None],
) -> Report:
    until = time.monotonic() + settle_s
    while True:
        report = _one_report(account, timeout_s, False, on_progress)
        under_way = sum(one.under_way for one in report.breaks)
        if not under_way or time.monotonic() > until:
            break
        on_progress(f"waiting for {counted(under_way, 'holding')} to land")
        time.sleep(LOOK_AGAIN_S)
    if heal and report.status == "broken":
        report = _one_report(account, timeout_s, True, on_progress)
    return report


def _one_report(
    account: str | None, timeout_s: float, heal: bool, on_progress: Callable[[str], None]
) -> Report:
    kwargs = {"account": account, "heal": heal}
    # Asked for by id: Celery's own waiting object leaves a traceback when it ends in vain.
    shown = repr(kwargs | {"account": account and masked(account)})
    task_id: str = reconcile.apply_async(kwargs=kwargs, kwargsrepr=shown, queue=POLL).id
    until = time.monotonic() + timeout_s
    while True:
        answer = app.backend.get_task_meta(task_id)
        if answer["status"] == states.SUCCESS:
            whole = context().answers.fetch(task_id, Report, LOOK_AGAIN_S)
            return whole or msgspec.convert(answer["result"], Report)
        if answer["status"] in states.READY_STATES:
            raise SlotwiseError(masked_in(f"the reconciliation failed: {answer['result']}"))
        if answer["status"] == WORKING:
            on_progress(answer["result"]["doing"])
        if time.monotonic() > until:
            app.control.revoke(task_id)
            raise_where_redis_fails()
            raise NoSystemError(
                f"no worker reconciled within {timeout_s:.0f} s: is a poll worker running?"
            )
        time.sleep(LOOK_S)


def check_arguments(account: object, heal: object) -> None:
    """Check the arguments of a reconciliation, which may come from Flower; raises InputError."""
    if account is not None and (not isinstance(account, str) or not account.strip()):
        raise InputError(f"account must be a name such as DU1234567, got {account!r}")
    if not isinstance(heal, bool):
        raise InputError(f"heal must be true or false, got {heal!r}")


class _ReportRow(msgspec.Struct, frozen=True):
    report_id: str
    status: str
    reason: str | None
    account: str | None
    snapshot_id: str | None
    requested_at: datetime
    completed_at: datetime
    matched: int
    breaks: int
    healed: int
    mended: int


def _keep(report: Report) -> None:
    row = _ReportRow(
        report.report_id,
        report.status,
        report.reason,
        report.account,
        report.snapshot_id,
        report.requested_at,
        report.completed_at,
        report.matched,
        len(report.breaks),
        len(report.healed),
        report.mended,
    )
    landing = context().landing
    breaks = [] if report.status == "stale" else [*report.breaks, *report.healed]
    if breaks:
        batch = context().misfit_breaks.batch(breaks, BREAKS.sent, ("account", "con_id"))
        if batch is not None:
            landing.append(Rows(BREAKS.name), batch)
    landing.append(Rows(RECONCILIATIONS.name), to_batch([row], RECONCILIATIONS.sent))


def _land(positions: Sequence[Position], batch_id: str) -> int:
    """Send positions to the lake; returns how many fit their columns, and logs the others."""
    if not positions:
        return 0
    con_ids = [position.contract.con_id for position in positions]
    polled, quotes = context().polled_quotes.get(con_ids), context().quotes.get(con_ids)
    rows = []
    for one in positions:
        known = (quotes.get(one.contract.con_id), polled.get(one.contract.con_id))
        quote = newest_by(one.observed_at, known)
        rows.append(position_row(one, quote, source="heal", batch_id=batch_id))
    batch = context().misfit_mends.batch(rows, POSITION_UPDATES.sent, ("account", "con_id"))
    if batch is None:
        return 0
    context().landing.append(Rows(POSITION_UPDATES.name), batch)
    return int(batch.num_rows)
