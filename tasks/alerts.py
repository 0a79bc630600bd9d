"""Alerts on breaks: a log event, counters, and a message to the webhook.

An alert is kept in Redis together with the marks of its breaks (`slotwise.bus.alert_outbox`), and
leaves there after the receiver took it. A process that ends in between sends it twice, under one
id.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

import msgspec
import structlog

from slotwise.bus.alert_outbox import MOST_WAITING, WaitingAlert
from slotwise.lake.reconciliation_queries import silence_rows
from slotwise.reconciliation.alerts import SIGNATURE, Alert, alert_of, breaks_to_send, sign
from slotwise.reconciliation.report import Report
from slotwise.reconciliation.silences import in_force
from slotwise.webhook import WebhookError, post
from tasks.app import task
from tasks.context import context
from tasks.schedule import POLL

log = structlog.get_logger(__name__)

#: Longest wait between two tries of an alert, seconds.
LONGEST_WAIT_S = 60.0
#: Tries of an alert: about a day of them, after which it is given up.
MAX_TRIES = 1500
#: No further alert is tried in a round after this, seconds: with the last one's time limit the
#: round still ends within its lease.
ROUND_S = 4.0


def raise_alerts(report: Report) -> list[Alert]:
    """Keep one alert for each break that a report has confirmed or found healed, and have it sent.

    Raises BusError where Redis keeps none, and what the message broker raises; the rest of the
    report is not affected. What is kept is sent on the beat, whatever happens then.
    """
    shared, now = context(), datetime.now(UTC)
    shared.counters.add(f"reconciliations.{report.status}")
    if not report.breaks and not report.healed:
        return []
    silences = in_force(silence_rows(shared.lake), now)
    alerts = []
    for event, breaks in breaks_to_send(report, silences, now).items():
        new = [one for one in breaks if _is_news(one.life_id, event)]
        if not new:
            continue
        alert = alert_of(event, report, new, whole_accounts=shared.settings.webhook_accounts)
        log.warning(
            event.replace("_", " "),
            count=alert.count,
            alert=alert.alert_id,
            breaks=[f"{b.symbol} {b.kind} ({b.cause})" for b in alert.breaks],
        )
        keys = {_once_key(one.life_id): event for one in new}
        if not shared.settings.webhook_url:
            shared.once_keys.put(keys)
        elif not shared.alerts.put(msgspec.json.encode(alert), keys):
            shared.counters.add("alerts.given_up")
            log.error("alert given up", reason=f"more than {MOST_WAITING} wait for the receiver")
        shared.counters.add(f"alerts.{event}", len(new))
        alerts.append(alert)
    if shared.settings.webhook_url and shared.alerts.length():
        send.apply_async(queue=POLL)
    return alerts


def _is_news(life_id: str, event: str) -> bool:
    """Return True for a break without an alert yet; its healing is news only after an alert."""
    before = context().once_keys.get(_once_key(life_id))
    return before == "breaks_confirmed" if event == "breaks_healed" else before != event


def _once_key(life_id: str) -> str:
    return f"alert {life_id}"


def send_waiting() -> None:
    """Begin a round of the alerts that wait, where any does; called on the beat."""
    shared = context()
    if shared.settings.webhook_url and shared.alerts.length():
        shared.alerts.begin_round()
        send.apply_async(queue=POLL)


@task("tasks.alerts.send", ignore_result=True)
def send(body: str = "") -> None:
    """Post the alerts that are due; one sender at a time, and each alert by itself.

    `body` is an alert that an earlier version sent with the message: it is kept like the others.
    """
    shared = context()
    if body:
        shared.alerts.put(body.encode(), {})
    until = time.monotonic() + ROUND_S
    longest = max(1, math.ceil(LONGEST_WAIT_S / shared.settings.beat_s))
    with shared.alerts_lease.held() as token:
        due = [] if token is None else shared.alerts.due(longest)
        for alert in due:
            if time.monotonic() > until:
                break
            wait = min(2 ** min(alert.tries, 30), longest)
            _try(alert, wait)


def _try(alert: WaitingAlert, wait: int) -> None:
    """Post an alert, signed; it is tried again after some rounds where it may be taken then."""
    shared, config = context(), context().settings
    headers = {"User-Agent": "slotwise"}
    secret = config.webhook_secret.get_secret_value()
    if secret:
        # Signed again at each try: receivers refuse what was signed long ago.
        headers[SIGNATURE] = sign(secret, alert.body, int(time.time()))
    try:
        post(config.webhook_url, alert.body, headers)
    except WebhookError as error:
        if error.again and alert.tries + 1 < MAX_TRIES:
            # One line an outage of the receiver, not one a try.
            if not alert.tries:
                log.warning("alert not taken, trying again", reason=str(error))
            shared.alerts.tried(alert, wait)
            return
        shared.alerts.done(alert)
        shared.counters.add("alerts.given_up")
        log.error("alert given up", reason=str(error), tries=alert.tries + 1)
        return
    shared.alerts.done(alert)
    shared.counters.add("alerts.sent")
