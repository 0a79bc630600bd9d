"""Requests that wait because answers are slow, in their order."""

from __future__ import annotations

from collections import deque


class DelayedRequests:
    """Keep requests until they are due; none overtakes the one before it."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, bytes]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def next_due(self) -> float | None:
        """Return when the next one is due, unix seconds."""
        return self._waiting[0][0] if self._waiting else None

    def put(self, body: bytes, due: float) -> None:
        """Keep a request until it is due and those before it are gone."""
        self._waiting.append((due, body))

    def take(self, now: float) -> list[bytes]:
        """Return what is due."""
        due = []
        while self._waiting and self._waiting[0][0] <= now:
            due.append(self._waiting.popleft()[1])
        return due

    def clear(self) -> None:
        """Drop all."""
        self._waiting.clear()
