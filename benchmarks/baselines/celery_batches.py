"""The product's batches under its own Celery settings, in a queue of the benchmark's."""

from __future__ import annotations

import tasks.batches
from benchmarks.baselines import celery_ours
from tasks.app import app

# Celery's command and the publisher look for `app` here; the others give it a queue and a task.
__all__ = ["app", "celery_ours", "tasks"]
