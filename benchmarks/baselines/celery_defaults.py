"""The same empty task with Celery's defaults."""

from __future__ import annotations

import os

from celery import Celery

#: The queue of Celery's defaults.
QUEUE = "celery"

app = Celery("bench", broker=os.environ["REDIS_URL"])


@app.task(name="bench.empty", ignore_result=True)  # type: ignore[untyped-decorator]  # celery ships no types
def empty() -> None:
    """Do nothing."""
