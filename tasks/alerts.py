"""Alerts on breaks: a log event, counters, and a message to whoever has a webhook."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from slotwise.lake.queries import silence_rows
from slotwise.lake.store import Lake
from slotwise.reconciliation.alerts import SIGNATURE, Alert, alert_of, sign, to_tell
from slotwise.reconciliation.report import Report
from slotwise.reconciliation.silence import in_force
from slotwise.webhook import WebhookError, post
from tasks.app import task
from tasks.context import context
from tasks.schedule import POLL

log = structlog.get_logger(__name__)

#: Tries of one message after the first: some quarter of an hour, after which somebody has looked.
MAX_RETRIES = 20
#: Longest wait between two tries, seconds: half of what a waiting task may take before Celery's
#: message broker gives it to somebody else as well.
LONGEST_WAIT_S = 60.0


def tell(report: Report) -> list[Alert]:
    """Tell of what a report has confirmed or found healed, each once."""
    shared, now = context(), datetime.now(UTC)
    shared.counters.add(f"reconciliations.{report.status}")
    if not report.breaks and not report.healed:
        return []
    silences = in_force(silence_rows(Lake(shared.settings.lake_path)), now)
    alerts = []
    for event, breaks in to_tell(report, silences, now).items():
        new = [one for one in breaks if _is_news(one.life_id, event)]
        if not new:
            continue
        alert = alert_of(event, report, new, whole_accounts=shared.settings.webhook_accounts)
        alerts.append(alert)
        shared.counters.add(f"alerts.{event}", len(new))
        log.warning(
            event.replace("_", " "),
            count=alert.count,
            alert=alert.alert_id,
            breaks=[f"{b.symbol} {b.kind} ({b.cause})" for b in alert.breaks],
        )
        if shared.settings.webhook_url:
            send.apply_async((msgspec.json.encode(alert).decode(),), queue=POLL)
    return alerts


def _is_news(life_id: str, event: str) -> bool:
    """Tell whether a break was not told of; its healing is news to whom it was."""
    marks = context().marks
    name = f"alert {life_id}"
    if event == "breaks_healed" and marks.get(name) != "breaks_confirmed":
        return False
    return marks.is_new(name, event)


@task("tasks.alerts.send", bind=True, acks_late=True, ignore_result=True, max_retries=MAX_RETRIES)
def send(self: Any, body: str) -> None:
    """Post an alert, signed; try again later where the receiver may take it then."""
    config = context().settings
    headers = {"User-Agent": "slotwise"}
    secret = config.webhook_secret.get_secret_value()
    if secret:
        # Signed anew at each try: receivers refuse what was signed long ago.
        headers[SIGNATURE] = sign(secret, body.encode(), int(time.time()))
    try:
        post(config.webhook_url, body.encode(), headers)
    except WebhookError as error:
        if not error.again or self.request.retries >= MAX_RETRIES:
            context().counters.add("alerts.given_up")
            log.error("alert given up", reason=str(error), tries=self.request.retries + 1)
            return
        log.warning("alert not taken, trying again", reason=str(error))
        wait_s = min(2.0**self.request.retries, LONGEST_WAIT_S) * random.uniform(0.5, 1.0)
        raise self.retry(exc=error, countdown=wait_s) from error
    context().counters.add("alerts.sent")
