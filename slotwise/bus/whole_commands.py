"""WholeCommands: a command of Redis as the bytes that are sent, in one piece.

Redis-py cuts a command after some six thousand bytes, and each piece is a call of the system: the
rows of one batch took three, a thousand positions fifty. It also copies a piece anew for every
argument. Here the arguments are joined once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

#: What an argument of a command may be.
Argument: TypeAlias = bytes | str | int | float | memoryview


class WholeCommands:
    """Pack commands for a connection of redis-py."""

    def __init__(self, encode: Callable[[Argument], bytes | memoryview]) -> None:
        self._encode = encode

    def pack(self, *args: Argument) -> list[bytes]:
        """Return a command in the Redis protocol.

        The first argument may be several words: redis-py names some commands so.
        """
        encode = self._encode
        words = bytes(encode(args[0])).split()
        parts = [b"*%d\r\n" % (len(words) + len(args) - 1)]
        for arg in (*words, *args[1:]):
            data = arg if type(arg) is bytes else bytes(encode(arg))
            parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
        return [b"".join(parts)]
