"""The folder that holds a stack's state: logs, embedded Redis with its port, and how it is found.

`. state/env` lets a second terminal find a running stack.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from slotwise.errors import InputError
from workers.stack.ports import FIRST, LAST, free_port, is_free

#: Files in it: the port of the embedded Redis, and the variables of the command line.
PORT_FILE, ENV_FILE = "redis-port", "env"
#: Variables that the command line needs to find a stack.
NAMES = ("SLOTWISE_REDIS_URL", "SLOTWISE_KEY_PREFIX", "SLOTWISE_LAKE")


def ensure_state(state: Path) -> None:
    """Make the folder; raises InputError where none can be."""
    with _in_words(f"--state {str(state)!r} cannot be used"):
        for part in ("logs", "redis"):
            (state / part).mkdir(parents=True, exist_ok=True)


def kept_port(state: Path) -> int:
    """Return the port of the last start, if it is free, else a new one, and keep it.

    Raises InputError where the folder cannot be written.
    """
    file = state / PORT_FILE
    with suppress(OSError, ValueError):
        port = int(file.read_text(encoding="ascii"))
        if FIRST <= port <= LAST and is_free(port):
            return port
    port = free_port()
    with _in_words(f"{str(file)!r} cannot be written"):
        file.write_text(f"{port}\n", encoding="ascii")
    return port


def write_env_file(state: Path, env: Mapping[str, str]) -> Path:
    """Write the file and return it; its owner alone reads it, since it may hold a password.

    Raises InputError where the folder cannot be written.
    """
    file = state / ENV_FILE
    lines = [f"export {name}={shlex.quote(env[name])}\n" for name in NAMES if name in env]
    with _in_words(f"{str(file)!r} cannot be written"):
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text("".join(lines), encoding="utf-8")
    return file


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    """Raise InputError for what the system refuses in the block."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{what}: {error.strerror or error}") from error
