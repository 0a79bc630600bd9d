"""What runs when: the whole schedule as one table.

Beat counts on a steady clock, so a step of the wall clock changes nothing. Messages carry no time:
Celery would compare that of beat's machine with the worker's clock. So none expires, and none is
sent while its last one waits (`slotwise.bus.backlog`).
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from celery.beat import ScheduleEntry, Scheduler

from slotwise.bus.status import BeatStatus
from slotwise.errors import BusError
from tasks.context import context

log = structlog.get_logger(__name__)

POLL: Final = "poll"
LAKE: Final = "lake"

#: `land` follows `dispatch` by this part of a beat, so that one beat's batches land within it.
LAND_AFTER = 0.6
#: Entries that run later than the others, by a part of their interval.
PHASES = {"land": LAND_AFTER}

#: Beat publishes its status this often, seconds: it looks for due tasks each second.
STATUS_EACH_S = 1.0

#: Queues of the periodic tasks that do not go to the poll workers.
_QUEUES = {"tasks.batches.dispatch": LAKE, "tasks.landing.land": LAKE}


_BEGAN, _BEGAN_S = datetime.now(UTC), time.monotonic()


def steady_now() -> datetime:
    """Return the time on a clock that is never set: right when the process began."""
    return _BEGAN + timedelta(seconds=time.monotonic() - _BEGAN_S)


class SteadyEntry(ScheduleEntry):  # type: ignore[misc]  # celery ships no types: its base is Any
    """One entry of the schedule, which reads the steady clock."""

    def __init__(self, *args: Any, last_run_at: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, last_run_at=last_run_at or steady_now(), **kwargs)
        self.schedule.nowfun = steady_now


class MemoryScheduler(Scheduler):  # type: ignore[misc]  # celery ships no types: its base is Any
    """Keep the schedule in memory: no file to write, to lock or to lose."""

    Entry = SteadyEntry

    #: When it last looked for due tasks: unix seconds, and seconds of the monotonic clock.
    looked_at: float | None = None
    looked_at_s: float | None = None

    #: True once the process was asked to end: the next look at what is due ends it.
    is_to_end = False

    #: When it last published its status, seconds of the monotonic clock.
    _published_at = -STATUS_EACH_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        #: Tasks whose last message waits, each logged once.
        self._waiting: set[str] = set()
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send what is due, and publish that beat runs; raises SystemExit once it is to end."""
        if MemoryScheduler.is_to_end:
            raise SystemExit(0)
        MemoryScheduler.looked_at = time.time()
        MemoryScheduler.looked_at_s = time.monotonic()
        self._publish(time.monotonic())
        return super().tick(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Make the entries, each with its phase."""
        super().setup_schedule()
        for name, part in PHASES.items():
            if name in self.schedule:
                entry = self.schedule[name]
                entry.last_run_at -= entry.schedule.run_every * (1 - part)

    def reserve(self, entry: Any) -> Any:
        """Return an entry for the next run, which is due when it would have been without delays.

        Celery counts from when it was sent, so the phases of two entries would drift.
        """
        following = super().reserve(entry)
        every = following.schedule.run_every
        passed = max(1, (following.last_run_at - entry.last_run_at) // every)
        following.last_run_at = entry.last_run_at + passed * every
        return following

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send an entry's message, unless its last one still waits for a worker."""
        queue = _QUEUES.get(entry.task, POLL)
        try:
            waits = context().backlog.waits(entry.task, queue)
            if not waits:
                context().backlog.sent(entry.task)
        except BusError:
            # The message fails in the same way, and celery logs it.
            waits = False
        if waits:
            if entry.task not in self._waiting:
                log.warning(
                    "periodic task still waits, it is not sent again",
                    task=entry.task,
                    queue=queue,
                    advice="is a worker running?",
                )
            self._waiting.add(entry.task)
            return
        self._waiting.discard(entry.task)
        super().apply_entry(entry, producer)

    def _publish(self, now: float) -> None:
        if now - self._published_at < STATUS_EACH_S:
            return
        self._published_at = now
        # Without Redis nothing is due to be sent either; celery's own log has the outage.
        with suppress(BusError):
            context().status.put(BeatStatus(at=datetime.now(UTC)))


def beat_schedule(
    beat_s: float, reconcile_interval_s: float, maintenance_interval_s: float
) -> dict[str, dict[str, Any]]:
    """List the entries; times in seconds."""
    entries = [
        # name         task                               every
        ("dispatch", "tasks.batches.dispatch", beat_s),
        ("land", "tasks.landing.land", beat_s),
        ("reconcile", "tasks.reconciliation.reconcile", reconcile_interval_s),
        ("watch", "tasks.occasions.watch", beat_s),
        ("maintain", "tasks.maintenance.maintain", maintenance_interval_s),
    ]
    return {name: {"task": task, "schedule": every} for name, task, every in entries}
