"""Cut a stream of bytes into messages, however it arrives. Pure."""

from __future__ import annotations

from typing import Final

#: Bytes of a message's length before it.
PREFIX: Final = 4
#: A message cannot be longer, bytes (IB's own client refuses longer ones): what claims to be is no
#: message, and where the next one begins is not known.
LONGEST: Final = 0xFFFFFF


class Splitter:
    """Collect bytes of one direction of one connection."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now, without their lengths."""
        data = self._rest + data
        bodies, place = [], 0
        while (start := place + PREFIX) <= len(data):
            length = int.from_bytes(data[place:start], "big")
            if length > LONGEST:
                place = len(data)
                break
            if start + length > len(data):
                break
            place = start + length
            bodies.append(data[start:place])
        self._rest = data[place:]
        return bodies


def fields_of(body: bytes) -> tuple[str, ...]:
    """Return the text fields of a message; bytes that are no UTF-8 become escapes."""
    return tuple(body.decode(errors="backslashreplace").removesuffix("\0").split("\0"))
