"""Frames: bytes of TWS's socket become messages. Pure.

ib_async does the same by cutting each message off the front of all that is there, which copies the
rest each time: a packet's cost grows with the square of its size.
"""

from __future__ import annotations

from collections.abc import Container
from struct import Struct

#: A message's length comes before it: four bytes, the highest first.
PREFIX = Struct(">I")
#: Longest message, bytes: the bound of IB's own client, `MAX_MSG_LEN`.
LONGEST = 0xFFFFFF


class Frames:
    """Cut a stream of bytes into messages, however it arrives.

    Only messages of the `heard` kinds are given: of the others nothing more is wanted. A kind
    is the first field of a message, as its bytes.

    A length over `LONGEST` is none: the stream is out of step, and stays so. Waiting for such a
    message would keep all that comes in memory, and no later message would be read.
    """

    __slots__ = ("_heard", "_rest", "is_broken")

    def __init__(self, heard: Container[bytes], rest: bytes = b"") -> None:
        self._heard = heard
        self._rest = rest
        #: Whether the stream is out of step: nothing more can be read of it.
        self.is_broken = False

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Take what has arrived, and give kind and text of the messages that are whole now."""
        if self.is_broken:
            return []
        if self._rest:
            data = self._rest + data
        messages, place, end = [], 0, len(data)
        heard = self._heard
        while (start := place + PREFIX.size) <= end:
            length = PREFIX.unpack_from(data, place)[0]
            if length > LONGEST:
                self.is_broken, place = True, end
                break
            stop = start + length
            if stop > end:
                break
            message = data[start:stop]
            kind, separator, _ = message.partition(b"\0")
            if separator and kind in heard:
                messages.append((kind, message))
            place = stop
        self._rest = data[place:]
        return messages
