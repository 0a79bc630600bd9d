"""What runs when: the whole schedule as one table."""

from __future__ import annotations

import time
from typing import Any

from celery.beat import Scheduler

POLL = "poll"
LAKE = "lake"

#: `land` follows `dispatch` by this part of a beat, so that one beat's batches land within it.
LAND_AFTER = 0.6
#: A stale beat is dropped instead of piling up after a pause; in beats.
EXPIRES_AFTER = 2


class MemoryScheduler(Scheduler):  # type: ignore[misc]  # celery ships no types: its base is Any
    """Keep the schedule in memory: no file to write, to lock or to lose."""

    #: When it last looked for due tasks, unix seconds.
    looked_at: float | None = None

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send what is due."""
        MemoryScheduler.looked_at = time.time()
        return super().tick(*args, **kwargs)


def beat_schedule(
    beat_s: float, reconcile_interval_s: float, maintenance_interval_s: float
) -> dict[str, dict[str, Any]]:
    """List the entries; times in seconds."""
    expires = beat_s * EXPIRES_AFTER
    entries = [
        # name         task                               every                 options
        ("dispatch", "tasks.batches.dispatch", beat_s, {"expires": expires}),
        (
            "land",
            "tasks.landing.land",
            beat_s,
            {"expires": expires, "countdown": beat_s * LAND_AFTER},
        ),
        (
            "reconcile",
            "tasks.reconciliation.reconcile",
            reconcile_interval_s,
            {"expires": reconcile_interval_s},
        ),
        ("watch", "tasks.occasions.watch", beat_s, {"expires": expires}),
        (
            "maintain",
            "tasks.maintenance.maintain",
            maintenance_interval_s,
            {"expires": maintenance_interval_s},
        ),
    ]
    return {
        name: {"task": task, "schedule": every, "options": options}
        for name, task, every, options in entries
    }
