"""Memory of Redis's data, as Redis reports it."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from redis import Redis

#: Time between two looks, seconds.
LOOK_S = 0.02


class PeakMemory:
    """Watch the bytes a Redis uses: `with PeakMemory(url) as memory: ...; memory.peak`."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.before = self.peak = self._used()

    def _used(self) -> int:
        return int(self._redis.info("memory")["used_memory"])

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_S):
            self.peak = max(self.peak, self._used())

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        self._ended.set()
        self._thread.join()
        self._redis.close()
