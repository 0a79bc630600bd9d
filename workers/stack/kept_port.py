"""The port of the embedded Redis, kept in the state folder over restarts."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from slotwise.errors import InputError
from workers.stack.ports import FIRST, LAST, free_port, is_free

FILE = "redis-port"


def kept_port(state: Path) -> int:
    """Return the port of the last start, if it is free, else a new one, and keep it.

    Raises InputError where the folder cannot be written.
    """
    file = state / FILE
    with suppress(OSError, ValueError):
        port = int(file.read_text(encoding="ascii"))
        if FIRST <= port <= LAST and is_free(port):
            return port
    port = free_port()
    try:
        file.write_text(f"{port}\n", encoding="ascii")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{str(file)!r} cannot be written: {reason}") from error
    return port
