"""The app, with a loop that hangs a second after it began, and a watchdog of little patience.

celery -A tests.support.hanging_app worker --pool solo
"""

from __future__ import annotations

import time
from typing import Any

from celery import bootsteps

from tasks.app import app
from tasks.celery_setup.watchdog import Watchdog

#: The loop stands still for this long, seconds: longer than any test.
FOR_EVER_S = 600.0
#: The watchdog has this much patience here, seconds.
TIMEOUT_S = 3.0


class Impatient(Watchdog):
    """Wait for less."""

    hangs_after_s = TIMEOUT_S


class Hang(bootsteps.StartStopStep):  # type: ignore[misc]  # celery ships no types
    """Do in the loop what a read without an end does."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def register_with_event_loop(self, consumer: Any, hub: Any) -> None:
        hub.call_later(1.0, time.sleep, FOR_EVER_S)


app.steps["consumer"].discard(Watchdog)
app.steps["consumer"].update((Impatient, Hang))
