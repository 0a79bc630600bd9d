"""Newest: reads something again and again in a thread, so that nobody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

#: At the end a reading under way is waited for so long, seconds; then it ends with the process.
CLOSE_S = 3.0


class Newest(Generic[T]):
    """Keep the newest reading."""

    def __init__(self, read: Callable[[], T], pause_s: Callable[[T], float], name: str) -> None:
        """Begin at once; `pause_s` tells of a reading how long it will do, seconds."""
        self._read = read
        self._pause_s = pause_s
        self._value: T | None = None
        self._failed: BaseException | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def get(self) -> T | None:
        """Return the newest reading, None before the first; raises what reading has failed of."""
        if self._failed is not None:
            raise self._failed
        return self._value

    def close(self) -> None:
        """Read no more."""
        self._closing.set()

    def join(self) -> None:
        """Wait for the reading under way, for a while."""
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._value = value = self._read()
                self._closing.wait(self._pause_s(value))
        except BaseException as error:  # noqa: BLE001  # raised again by whoever asks
            self._failed = error
