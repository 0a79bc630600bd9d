"""Reads the lake beside the frames, which do not wait for it: a lake may take seconds to answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from workers.screen.facts import LakeFacts

#: The lake is read again this long after it answered, seconds: each reading costs it work.
LAKE_S = 10.0


class LakeReader:
    """The newest facts of the lake; read again only when they are asked for."""

    def __init__(
        self, read: Callable[[], LakeFacts], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="lake")
        self._known: LakeFacts | None = None
        self._known_at = float("-inf")
        self._reading: Future[LakeFacts] | None = None

    def get(self) -> LakeFacts | None:
        """Return at once what is known, and have it read again where it is old."""
        reading = self._reading
        if reading is not None and reading.done():
            self._reading, self._known_at = None, self._clock()
            self._known = reading.result()
        if self._reading is None and self._clock() - self._known_at >= LAKE_S:
            self._reading = self._pool.submit(self._read)
        return self._known

    def close(self) -> None:
        """Read no more; a reading under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)
