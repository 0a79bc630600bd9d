"""Periodic tasks: their messages replace each other instead of piling up while no worker is there.

Beat sends none while the last one waits (`schedule.MemoryScheduler`); here it is noted when a
worker has begun one, or dropped one that was revoked.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from celery.signals import task_prerun, task_revoked

from slotwise.errors import BusError
from tasks.context import context
from tasks.schedule import beat_schedule

#: Names of the tasks that beat sends.
PERIODIC = frozenset(entry["task"] for entry in beat_schedule(1.0, 1.0, 1.0).values())


@task_prerun.connect  # type: ignore[untyped-decorator]  # celery ships no types
@task_revoked.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _note_taken(sender: Any = None, **_: object) -> None:
    name = getattr(sender, "name", "")
    if name in PERIODIC:
        with suppress(BusError):
            context().backlog.taken(name)
