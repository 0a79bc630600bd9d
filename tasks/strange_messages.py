"""Strange messages: what is no task of ours, or not ours to read, is refused and counted.

Celery refuses by itself what is not in JSON, or not signed where signatures are asked for; what
names no task; and what cannot be read. All are counted as `tasks.refused`.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery.signals import task_rejected, task_unknown
from celery.worker.consumer import Consumer

from slotwise.errors import BusError
from tasks.context import context

log = structlog.get_logger(__name__)

#: Characters of a stranger's words that go into a log.
LOGGED = 200


class CountingConsumer(Consumer):  # type: ignore[misc]  # celery ships no types: its base is Any
    """Count what cannot be read: a body that is broken, or signed by nobody we know."""

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Let Celery drop the message, and count it."""
        super().on_decode_error(message, exc)
        _refused("message cannot be read", reason=str(exc)[:LOGGED])


@task_unknown.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _count_unknown(name: str = "", **_: object) -> None:
    _refused("unknown task refused", task=name[:LOGGED])


@task_rejected.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _count_rejected(exc: object = None, **_: object) -> None:
    _refused("message refused", reason=str(exc)[:LOGGED])


def _refused(event: str, **words: str) -> None:
    log.warning(event, **words)
    try:
        context().counters.add("tasks.refused")
    except BusError as error:
        log.warning("a refused message is not counted", reason=str(error))
