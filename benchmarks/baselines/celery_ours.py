"""Tasks for benchmarks under this project's Celery settings, in a queue of their own."""

from __future__ import annotations

import os
import time

from tasks.app import app

#: The queue, by the environment; its key in Redis is behind the project's prefix.
QUEUE = os.environ.get("SLOTWISE_BENCH_QUEUE", "bench")

app.conf.update(
    task_queues={QUEUE: {"routing_key": QUEUE}}, task_default_queue=QUEUE, task_routes={}
)


@app.task(name="bench.empty", ignore_result=True)  # type: ignore[untyped-decorator]  # celery ships no types
def empty() -> None:
    """Do nothing."""


# Acknowledged late: what is counted as left is then what is not yet done.
@app.task(name="bench.wait", ignore_result=True, acks_late=True)  # type: ignore[untyped-decorator]  # celery ships no types
def wait(seconds: float) -> None:
    """Wait, as for an answer from elsewhere."""
    time.sleep(seconds)


@app.task(name="bench.compute", ignore_result=True, acks_late=True)  # type: ignore[untyped-decorator]  # celery ships no types
def compute(seconds: float) -> None:
    """Use so much CPU."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
