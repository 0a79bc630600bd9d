"""Who works: queues and tasks of every worker that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kombu.exceptions import OperationalError

from slotwise.bus.client import translated
from slotwise.errors import BusError
from tasks.app import app

#: Workers have this long to answer, seconds; the solo pool answers between two tasks.
ANSWER_S = 2.0


def inspect_workers(timeout_s: float = ANSWER_S) -> dict[str, list[str]]:
    """Ask every worker for its queues; raises BusError where none can be asked."""
    found = _ask(lambda inspect: inspect.active_queues(), timeout_s)
    return {name: [queue["name"] for queue in queues] for name, queues in found.items()}


def inspect_tasks(timeout_s: float = ANSWER_S) -> dict[str, int]:
    """Ask every worker how many tasks it has taken; raises BusError where none can be asked."""
    found = _ask(lambda inspect: inspect.stats(), timeout_s)
    return {name: sum(stats.get("total", {}).values()) for name, stats in found.items()}


def _ask(question: Callable[[Any], Any], timeout_s: float) -> Mapping[str, Any]:
    try:
        # kombu lets some errors of Redis through as they are, such as one between two answers.
        # On a connection of its own: one of the pool that outlived a Redis sends the question and
        # reads none of the answers any more (kombu 5.7.0).
        with translated(), app.connection_for_write() as connection:
            asked = app.control.inspect(timeout=timeout_s, connection=connection)
            return question(asked) or {}
    except (OperationalError, OSError) as error:
        raise BusError(f"workers cannot be asked: {error}") from error
