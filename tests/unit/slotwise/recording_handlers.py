"""Handlers that note what they are given."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from slotwise.update import PositionUpdate
from tests.support.values import NOON, position

#: A handler that works is called well within this, seconds.
SOON = 5.0


def update(con_id: int, quantity: int = 1) -> PositionUpdate:
    return PositionUpdate(
        position=position(con_id, quantity), quote=None, strategies=("s",), observed_at=NOON
    )


class Recorder:
    """Note every call; raise in the first few if asked to."""

    def __init__(self, name: str = "recorder", failures: int = 0) -> None:
        self.name = name
        self.calls: list[list[PositionUpdate]] = []
        self._failures = failures
        self._called = threading.Condition()

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        with self._called:
            self.calls.append(list(updates))
            self._called.notify_all()
        if len(self.calls) <= self._failures:
            raise ValueError("no")

    def wait_for_calls(self, count: int) -> bool:
        with self._called:
            return self._called.wait_for(lambda: len(self.calls) >= count, SOON)
