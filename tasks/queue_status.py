"""How the queue stands after a landing, for screens and people."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import timedelta

from slotwise.bus.status import AGE_BOUNDS_S, LandingLine, QueueStatus
from slotwise.rules.position_queue import PositionQueue

#: Landings remembered: a minute and a half of beats.
LANDINGS_KEPT = 20


def queue_status(
    queue: PositionQueue, before: QueueStatus | None, landing: LandingLine, entries: int
) -> QueueStatus:
    """Describe the queue after a landing; `before` is the description after the last one.

    The landings before are taken from there, so a worker that starts again loses none.
    """
    now = landing.at
    oldest = queue.oldest()
    landings = before.landings if before is not None else ()
    if landing.rows:
        landings = (*landings, landing)
    return QueueStatus(
        # A landing may take seconds, and readers compare this with the time at which it is put.
        at=now + timedelta(milliseconds=landing.ms),
        waiting=queue.count("waiting"),
        leased=queue.count("leased"),
        batches=queue.leased_batches(),
        oldest_s=(now - oldest).total_seconds() if oldest else 0.0,
        landed_rows=landing.rows,
        landing_entries=entries,
        commit_ms=landing.ms,
        ages=counted(queue.ages_s(now)),
        landings=landings[-LANDINGS_KEPT:],
    )


def counted(ages_s: Iterable[float]) -> tuple[int, ...]:
    """Count ages by AGE_BOUNDS_S, each bound included, and those beyond at the end."""
    counts = [0] * (len(AGE_BOUNDS_S) + 1)
    for age_s in ages_s:
        counts[bisect_left(AGE_BOUNDS_S, age_s)] += 1
    return tuple(counts)
