"""Tasks run in this process: real Redis, real lake, and Celery's own eager mode for sending."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from slotwise.bus.client import Bus
from slotwise.lake.store import Lake
from slotwise.settings import settings
from tasks.app import app
from tasks.context import Context, context
from tasks.lake_lock import _turns


@pytest.fixture
def shared(
    redis_url: str, bus: Bus, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Context]:
    """What the tasks of one process share, pointed at the test's own Redis keys and lake.

    Eager, a task that is sent runs at once, where it is sent.
    """
    monkeypatch.setenv("SLOTWISE_REDIS_URL", redis_url)
    monkeypatch.setenv("SLOTWISE_KEY_PREFIX", bus.prefix)
    monkeypatch.setenv("SLOTWISE_LAKE", lake.address)
    eager = app.conf.task_always_eager
    app.conf.task_always_eager = True
    _forget()
    yield context()
    app.conf.task_always_eager = eager
    _forget()


def _forget() -> None:
    for remembered in (settings, context, _turns):
        remembered.cache_clear()
