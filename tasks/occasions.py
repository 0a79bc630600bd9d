"""`watch`: asks for a reconciliation when there is an occasion."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from slotwise.bus.status import GatewayStatus
from slotwise.reconciliation.occasions import connection, morning
from tasks.app import task
from tasks.context import context
from tasks.reconciliation import reconcile
from tasks.schedule import POLL

log = structlog.get_logger(__name__)


@task("tasks.occasions.watch", ignore_result=True)
def watch() -> None:
    """Reconcile after each reconnection, and before the market opens; each once."""
    shared = context()
    status = shared.status.get(GatewayStatus)
    if status is None or status.connected_at is None:
        return
    due = {
        "reconnected": connection(status.connected_at),
        "before the market opens": morning(datetime.now(UTC)),
    }
    # All are marked: one reconciliation serves them all.
    new = [why for why, name in due.items() if name and shared.marks.is_new(why, name)]
    if new:
        log.info("reconciliation due", why=", ".join(new))
        reconcile.apply_async(queue=POLL)
