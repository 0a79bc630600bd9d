"""Newest: reads something again and again in a thread, so that no caller waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

#: At the end a reading under way is waited for this long, seconds; then it ends with the process.
CLOSE_S = 3.0


class Newest(Generic[T]):
    """Keep the newest reading."""

    def __init__(
        self,
        read: Callable[[], T],
        pause_s: Callable[[T], float],
        name: str,
        news: threading.Event | None = None,
    ) -> None:
        """Begin at once; `pause_s` returns how long a reading is used, seconds.

        `news` is set at each new reading, so that a reader need not look for one.
        """
        self._news = news or threading.Event()
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
                self._news.set()
                self._closing.wait(self._pause_s(value))
        except BaseException as error:  # noqa: BLE001  # raised again in the reader
            self._failed = error
            self._news.set()
