"""Account numbers are masked in what Celery's processes write, and in what Flower shows.

Flower shows a task's arguments, result and error as the worker's events have them, so the events
are masked as they are made. The whole report of a reconciliation goes another way
(`reconciliation`).
"""

from __future__ import annotations

import os
import threading
from typing import Any

from celery.app.events import Events
from celery.events.dispatcher import EventDispatcher
from celery.signals import heartbeat_sent, task_prerun

from slotwise.account import masked_in
from slotwise.bus.account_names import AccountLearner
from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard
from slotwise.settings import settings
from tasks.context import context

#: In a process of the pool, and in the one that sends its events, whose connections are apart.
_learners: dict[int, AccountLearner] = {}


class MaskingDispatcher(EventDispatcher):  # type: ignore[misc]  # celery ships no types
    """Send events, each of their texts masked."""

    def send(self, type: str, *args: Any, **fields: Any) -> Any:
        """Send an event."""
        masked = {k: masked_in(v) if isinstance(v, str) else v for k, v in fields.items()}
        return super().send(type, *args, **masked)


class MaskingEvents(Events):  # type: ignore[misc]  # celery ships no types
    """Celery's events, sent by our dispatcher."""

    dispatcher_cls = "tasks.accounts:MaskingDispatcher"


@task_prerun.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _learn_before_a_task(**_: object) -> None:
    pid = os.getpid()
    if pid not in _learners:
        _learners[pid] = AccountLearner(context().status)
    _learners[pid].look()


@heartbeat_sent.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _learn_beside_the_loop(**_: object) -> None:
    """Read in a thread: the loop that sends events must not wait."""
    pid = os.getpid()
    if pid not in _learners:
        config = settings()
        bus = Bus(config.redis_url, config.key_prefix)
        _learners[pid] = AccountLearner(StatusBoard(bus))
    if _learners[pid].is_due():
        threading.Thread(target=_learners[pid].look, name="accounts", daemon=True).start()
