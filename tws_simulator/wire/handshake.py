r"""The greeting: `API\0`, then one frame with the versions of the client."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from tws_simulator.errors import FrameError
from tws_simulator.wire.frames import MAX_FRAME_BYTES, PREFIX_BYTES, frame

MAGIC = b"API\0"
#: Oldest version we answer with: ib_async and ib_insync use none before.
MIN_VERSION = 157
#: Longest list of versions a client may send, bytes: no client sends 100.
MAX_GREETING_BYTES = 1024

_VERSIONS = re.compile(rb"v(\d{1,4})(?:\.\.(\d{1,4}))?(?: .*)?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Greeting:
    """The content of a complete greeting, and the bytes that came after it.

    `oldest` and `newest` are what the client speaks; `version` is what both do, 0 where there is
    none.
    """

    version: int
    rest: bytes
    oldest: int
    newest: int


class Handshake:
    """Collect a greeting; raises FrameError as soon as it cannot become one."""

    def __init__(self, server_version: int) -> None:
        self._server_version = server_version
        self._buffer = b""

    def feed(self, data: bytes) -> Greeting | None:
        """Take bytes; return the greeting once it is complete."""
        self._buffer += data
        head = self._buffer[: len(MAGIC)]
        if head != MAGIC[: len(head)]:
            raise FrameError("no API greeting")
        start = len(MAGIC) + PREFIX_BYTES
        if len(self._buffer) < start:
            return None
        length = int.from_bytes(self._buffer[len(MAGIC) : start], "big")
        if length > min(MAX_GREETING_BYTES, MAX_FRAME_BYTES):
            raise FrameError("the greeting is too long")
        if len(self._buffer) < start + length:
            return None
        oldest, newest = _versions(self._buffer[start : start + length])
        version = min(newest, self._server_version)
        if version < max(oldest, MIN_VERSION):
            version = 0
        return Greeting(version, self._buffer[start + length :], oldest, newest)


def _versions(text: bytes) -> tuple[int, int]:
    match = _VERSIONS.match(text.rstrip(b"\0"))
    if match is None:
        raise FrameError("the greeting names no versions")
    return int(match[1]), int(match[2] or match[1])


def greeting_answer(version: int, now: float) -> bytes:
    """Encode the answer: the version that both will use, and the time."""
    return frame(version, datetime.fromtimestamp(now, UTC).strftime("%Y%m%d %H:%M:%S UTC"))
