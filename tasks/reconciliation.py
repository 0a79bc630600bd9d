"""`reconcile`: a fresh snapshot against the book, as rows of `reconciliations` and `breaks`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from celery import states

from slotwise.bus.commands import PollNow
from slotwise.contract import PositionKey
from slotwise.errors import LakeError, SlotwiseError
from slotwise.lake.arrow import to_batch
from slotwise.lake.queries import book, unfinished_items
from slotwise.lake.registry_store import open_registry
from slotwise.lake.schemas import BREAKS, RECONCILIATIONS
from slotwise.lake.store import Lake
from slotwise.landing import Rows, holdings_under_way
from slotwise.position import Position, SnapshotHead
from slotwise.reconciliation.reconciler import PositionReconciler, Report, stale
from tasks.app import app, task
from tasks.context import context
from tasks.schedule import POLL

log = structlog.get_logger(__name__)

#: How long the gateway may take to poll, seconds: a poll of 20,000 positions takes two.
SNAPSHOT_WAIT_S = 20.0
#: How long rows under way may take to land before they count as missing, seconds: three beats.
SETTLE_S = 15.0
#: Time between two looks, seconds.
LOOK_S = 0.1
LOOK_AT_BOOK_S = 1.0
#: Entries of the landing stream looked at: all that 100,000 contracts leave in a beat.
ENTRIES_LOOKED_AT = 5000


@task("tasks.reconciliation.reconcile", acks_late=True)
def reconcile(account: str | None = None) -> dict[str, Any]:
    """Compare the lake's book with a snapshot taken after this request, and keep the report."""
    report = _report(account)
    _keep(report)
    log.info(
        "reconciled",
        status=report.status,
        matched=report.matched,
        breaks=len(report.breaks),
        reason=report.reason,
    )
    return dict(msgspec.to_builtins(report))


def request_report(account: str | None, timeout_s: float) -> Report:
    """Have a worker reconcile and wait for its report.

    Raises SlotwiseError when no worker answers in time.
    """
    # Asked for by id: Celery's own waiting object leaves a traceback when it ends in vain.
    task_id: str = reconcile.apply_async((account,), queue=POLL).id
    until = time.monotonic() + timeout_s
    while True:
        answer = app.backend.get_task_meta(task_id)
        if answer["status"] == states.SUCCESS:
            return msgspec.convert(answer["result"], Report)
        if answer["status"] in states.READY_STATES:
            raise SlotwiseError(f"the reconciliation failed: {answer['result']}")
        if time.monotonic() > until:
            app.control.revoke(task_id)
            raise SlotwiseError(
                f"no worker reconciled within {timeout_s:.0f} s: is a poll worker running?"
            )
        time.sleep(LOOK_S)


def _report(account: str | None) -> Report:
    requested_at = datetime.now(UTC)

    def unknown(reason: str) -> Report:
        return stale(
            reason, requested_at=requested_at, completed_at=datetime.now(UTC), account=account
        )

    found = _fresh_snapshot(requested_at)
    if found is None:
        return unknown(f"the gateway gave no fresh snapshot within {SNAPSHOT_WAIT_S:.0f} s")
    head, positions = found
    reconciler = PositionReconciler()
    lake = Lake(context().settings.lake_path)
    until = time.monotonic() + SETTLE_S
    while True:
        try:
            # Before the book: what lands in between is in the book and merely looks under way.
            under_way = _under_way(lake, positions)
            holdings = book(lake, account)
        except LakeError as error:
            return unknown(str(error))
        report = reconciler.reconcile(
            holdings,
            positions,
            snapshot=head,
            requested_at=requested_at,
            completed_at=datetime.now(UTC),
            account=account,
            landing=under_way,
        )
        landing = any(found.cause == "late_landing" for found in report.breaks)
        if not landing or time.monotonic() > until:
            return report
        time.sleep(LOOK_AT_BOOK_S)


def _fresh_snapshot(requested_at: datetime) -> tuple[SnapshotHead, list[Position]] | None:
    board = context().snapshots
    context().commands.send(PollNow(reason="reconcile"))
    until = time.monotonic() + SNAPSHOT_WAIT_S
    while time.monotonic() < until:
        head = board.head()
        if head is not None and head.requested_at >= requested_at:
            return board.all()
        time.sleep(LOOK_S)
    return None


def _under_way(lake: Lake, positions: list[Position]) -> set[PositionKey]:
    """Name the holdings whose news may not have landed: queued, in the stream, or streamed.

    A streamed holding's update may still be with the gateway, which sends one every few seconds.
    """
    entries = context().landing.read(0, ENTRIES_LOOKED_AT)
    registry = open_registry(lake.address)
    return {
        *(row.key for row in unfinished_items(lake)),
        *holdings_under_way(entries),
        *(p.key for p in positions if registry.is_active(p.contract.con_id)),
    }


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
    )
    landing = context().landing
    landing.append(Rows(RECONCILIATIONS.name), to_batch([row], RECONCILIATIONS.sent))
    if report.breaks:
        landing.append(Rows(BREAKS.name), to_batch(report.breaks, BREAKS.sent))
