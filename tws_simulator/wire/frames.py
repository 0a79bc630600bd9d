"""Frames: a length, then fields that each end with NUL."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tws_simulator.errors import FrameError

#: Longest frame, bytes; TWS clients refuse longer ones (ibapi's MAX_MSG_LEN).
MAX_FRAME_BYTES = 0xFFFFFF
#: Length of a frame's length, bytes.
PREFIX_BYTES = 4

_PREFIX = struct.Struct(">I")


def frame(*fields: object) -> bytes:
    """Encode fields as one frame."""
    body = ("\0".join(map(str, fields)) + "\0").encode()
    return _PREFIX.pack(len(body)) + body


def split_fields(body: bytes) -> list[str]:
    """Decode a frame's body; a last field without its NUL counts as well.

    Bytes that are no UTF-8 are kept as escapes: TWS reads Latin-1, and no client sends either.
    """
    fields = body.decode(errors="backslashreplace").split("\0")
    if fields and not fields[-1]:
        fields.pop()
    return fields


class FrameReader:
    """Cut a stream of bytes into the bodies of frames."""

    def __init__(self, rest: bytes = b"", max_bytes: int = MAX_FRAME_BYTES) -> None:
        self._buffer = bytearray(rest)
        self._max_bytes = max_bytes

    def feed(self, data: bytes) -> None:
        """Take bytes as they come."""
        self._buffer += data

    def rest(self) -> bytes:
        """Take the bytes that are no frame yet."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def bodies(self) -> Iterator[bytes]:
        """Return the bodies that are complete; raises FrameError on an impossible length."""
        start = 0
        buffer = self._buffer
        try:
            while len(buffer) - start >= PREFIX_BYTES:
                (length,) = _PREFIX.unpack_from(buffer, start)
                if length > self._max_bytes:
                    raise FrameError(f"a frame of {length} bytes is too long")
                end = start + PREFIX_BYTES + length
                if len(buffer) < end:
                    break
                body = bytes(buffer[start + PREFIX_BYTES : end])
                start = end
                yield body
        finally:
            del buffer[:start]
