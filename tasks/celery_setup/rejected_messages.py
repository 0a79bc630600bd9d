"""Foreign messages: one that names none of our tasks, or is unreadable, is refused and counted.

Celery refuses by itself what is not in JSON, or not signed where signatures are asked for; what
names no task; and what cannot be read. All are counted as `tasks.refused`.
"""

from __future__ import annotations

import structlog
from celery.signals import task_rejected, task_unknown

from slotwise.errors import BusError
from tasks.context import context

log = structlog.get_logger(__name__)

#: Most characters of a foreign message that go into a log.
LOGGED = 200


@task_unknown.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _count_unknown(name: str = "", **_: object) -> None:
    refused("unknown task refused", task=name[:LOGGED])


@task_rejected.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _count_rejected(exc: object = None, **_: object) -> None:
    refused("message refused", reason=str(exc)[:LOGGED])


def refused(event: str, **words: str) -> None:
    """Log and count a message that was refused."""
    log.warning(event, **words)
    try:
        context().counters.add("tasks.refused")
    except BusError as error:
        log.warning("a refused message is not counted", reason=str(error))
