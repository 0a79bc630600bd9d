"""The published verdict for its readers: one that is too old does not count."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from slotwise.bus.status import VerdictStatus
from slotwise.health.verdict.finding import Verdict
from slotwise.health.verdict.words import duration_words

#: The monitor publishes each second; a verdict older than this, seconds, is of a monitor that is
#: away, or of a Redis that takes no writes.
OLD_S = 10.0


def published(verdict: Verdict, now: datetime, receiver_error: str = "") -> VerdictStatus:
    """Return a verdict in the form in which it is published."""
    return VerdictStatus(
        at=now.astimezone(UTC),
        standing=verdict.standing,
        state=verdict.state,
        sentence=verdict.sentence,
        advice=verdict.advice,
        unready=verdict.unready,
        receiver_error=receiver_error,
    )


def current(status: VerdictStatus, now: datetime) -> VerdictStatus:
    """Return the published verdict, or that none can be known since it is too old."""
    age_s = (now - status.at).total_seconds()
    if age_s <= OLD_S:
        return status
    return msgspec.structs.replace(
        status,
        standing="unknown",
        state="monitor_away",
        sentence=f"the verdict is {duration_words(age_s)} old: the monitor is away, or Redis takes "
        "no writes",
        advice="slotwise status looks anew; start the monitor: slotwise monitor",
        unready="",
    )
