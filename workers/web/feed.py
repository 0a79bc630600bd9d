"""Feed: hands each frame to every open page, encoded once for all of them.

A page that has the frame before gets the change, any other page the whole. So a page that is slow,
or comes again after a while, gets the newest frame and nothing in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from workers.web.frame import Frame, change, whole

#: Pages open at once; each holds a socket and a copy of what it is sent.
MOST_PAGES = 100
#: A frame that was made this long before a page opened is no news to it, seconds.
OLD_S = 5.0

_encode = msgspec.json.Encoder().encode


class TooManyPagesError(Exception):
    """As many pages are open as may be."""


class Feed:
    """The newest frame, for pages that wait for it; used within one event loop."""

    def __init__(self, want: Callable[[bool], None]) -> None:
        """Call `want(True)` at the first open page, and `want(False)` after the last."""
        self._want = want
        self._pages = 0
        self._frame: Frame | None = None
        self._published_at = 0.0
        self._change = b""
        self._whole: bytes | None = None
        self._news = asyncio.Event()

    @property
    def pages(self) -> int:
        """Return how many pages are open."""
        return self._pages

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Count an open page for the block; raises TooManyPagesError."""
        if self._pages >= MOST_PAGES:
            raise TooManyPagesError
        self._pages += 1
        if self._pages == 1:
            self._want(True)
        try:
            yield
        finally:
            self._pages -= 1
            if not self._pages:
                self._want(False)

    def publish(self, frame: Frame, changed: bytes) -> None:
        """Take the next frame, and the change to it from the one before."""
        self._frame, self._change, self._whole = frame, changed, None
        self._published_at = asyncio.get_running_loop().time()
        # Every page that waits is woken; the next ones wait for the next frame.
        self._news.set()
        self._news = asyncio.Event()

    async def after(self, number: int) -> tuple[int, bytes]:
        """Wait for a frame newer than `number`; return its number and what a page lacks of it."""
        while True:
            frame, news = self._frame, self._news
            if frame is not None and frame.number > number and (number or self._is_new()):
                break
            await news.wait()
        if number and frame.number == number + 1:
            return frame.number, self._change
        if self._whole is None:
            self._whole = _encode(whole(frame))
        return frame.number, self._whole

    def _is_new(self) -> bool:
        return asyncio.get_running_loop().time() - self._published_at < OLD_S


class Changes:
    """Encodes the change to each frame; used in the reader's thread."""

    def __init__(self) -> None:
        self._before: Frame | None = None

    def to(self, frame: Frame) -> bytes:
        """Return the change from the frame before."""
        before, self._before = self._before, frame
        return b"" if before is None else _encode(change(before, frame))
