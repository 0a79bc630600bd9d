"""`watch`: requests a reconciliation when a trigger is due, and has waiting alerts sent."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from slotwise.bus.status import GatewayStatus
from slotwise.errors import LakeError
from slotwise.lake.existing_tables import has_rows
from slotwise.reconciliation.triggers import connection, morning
from slotwise.rules.landing import POSITIONS
from tasks.alerts import send_waiting
from tasks.app import task
from tasks.context import Context, context
from tasks.reconciliation import reconcile
from tasks.schedule import POLL

log = structlog.get_logger(__name__)


@task("tasks.occasions.watch", ignore_result=True)
def watch() -> None:
    """Reconcile after each reconnection, and before the market opens; each once.

    Not before the first rows of positions have landed: every holding would be a break.
    """
    shared = context()
    send_waiting()
    status = shared.status.get(GatewayStatus)
    if status is None or status.connected_at is None:
        return
    due = {
        "reconnected": connection(status.connected_at),
        "before the market opens": morning(datetime.now(UTC)),
    }
    new = {why: name for why, name in due.items() if name and shared.once_keys.get(why) != name}
    if new and _has_landed(shared):
        log.info("reconciliation due", why=", ".join(new))
        reconcile.apply_async(queue=POLL)
        # All are marked, and after it was sent: one reconciliation serves them all.
        shared.once_keys.put(new)


def _has_landed(shared: Context) -> bool:
    """Return True where the lake has rows of positions, or nothing is held."""
    head = shared.snapshots.head()
    if head is not None and not head.count:
        return True
    try:
        return has_rows(shared.lake, POSITIONS)
    except LakeError:
        # The report states that the lake is away.
        return True
