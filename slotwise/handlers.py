"""Handlers of streamed updates, each in a thread of its own.

A handler that is slow or raises disturbs no other: every handler has its own mailbox, which
keeps only the newest update per holding, so memory stays bounded however slow the handler is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Protocol, runtime_checkable

import structlog

from slotwise.contract import PositionKey
from slotwise.update import PositionUpdate

log = structlog.get_logger(__name__)

#: Longest wait, in seconds, for one handler's thread when the hub closes.
CLOSE_TIMEOUT_S = 5.0
#: What a handler was told of so many holdings is remembered; then it may be told a thing twice.
MOST_TOLD = 20_000


@runtime_checkable
class Handler(Protocol):
    """Receive the newest update of each active contract that changed since the last call."""

    name: str

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        """Act on the updates; an exception is logged and counted, and the next call still comes."""
        ...


class HandlerHub:
    """Hand every update to every registered handler."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    def register(self, handler: Handler, every_s: float = 0.0) -> None:
        """Add a handler, called at most once every `every_s` seconds.

        A second handler of the same name replaces the first.
        """
        self.unregister(handler.name)
        self._lanes[handler.name] = _Lane(handler, every_s)

    def unregister(self, name: str) -> None:
        """Remove a handler after it has seen what was already in its mailbox."""
        lane = self._lanes.pop(name, None)
        if lane is not None:
            lane.close()

    def publish(self, updates: Sequence[PositionUpdate]) -> None:
        """Put updates into every mailbox; never blocks on a handler."""
        if not updates:
            return
        named = [(update.key, update) for update in updates]
        for lane in list(self._lanes.values()):
            lane.put(named)

    def errors(self) -> dict[str, int]:
        """Count the exceptions of each handler."""
        return {name: lane.errors for name, lane in self._lanes.items()}

    def close(self) -> None:
        """Let every handler see its mailbox a last time, then end its thread."""
        for name in list(self._lanes):
            self.unregister(name)


class _Lane:
    def __init__(self, handler: Handler, every_s: float) -> None:
        self.errors = 0
        self._handler = handler
        self._every_s = every_s
        self._newest: dict[PositionKey, PositionUpdate] = {}
        self._told: dict[PositionKey, PositionUpdate] = {}
        self._lock = threading.Lock()
        # Rung by whoever puts something into an empty mailbox: ten times as fast as an Event.
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"handler-{handler.name}", daemon=True
        )
        self._thread.start()

    def put(self, named: Sequence[tuple[PositionKey, PositionUpdate]]) -> None:
        with self._lock:
            first = not self._newest
            self._newest.update(named)
        if first:
            self._bell.put(None)

    def close(self) -> None:
        self._closing.set()
        self._bell.put(None)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._bell.get()
            self._drain()
            if self._every_s:
                self._closing.wait(self._every_s)
        self._drain()

    def _drain(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, {}
        told = self._told
        # A snapshot that says nothing new of a holding is published like a tick; told, it would
        # be the same row of the lake twice.
        updates = [update for key, update in newest.items() if update.says_more_than(told.get(key))]
        if not updates:
            return
        try:
            self._handler.on_updates(updates)
            told.update(newest)
            if len(told) > MOST_TOLD:
                told.clear()
        except Exception as error:
            self.errors += 1
            log.warning(
                "handler failed", handler=self._handler.name, error=str(error), exc_info=True
            )
