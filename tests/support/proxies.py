"""A Redis client that lets something else happen between two calls of its user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class InterruptedClient:
    """Pass every call on; after the first `get`, do something else once."""

    def __init__(self, client: Any, interruption: Callable[[], object]) -> None:
        self._client = client
        self._interruption: Callable[[], object] | None = interruption

    def get(self, key: str) -> Any:
        answer = self._client.get(key)
        if self._interruption is not None:
            interruption, self._interruption = self._interruption, None
            interruption()
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)
