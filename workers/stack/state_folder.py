"""The folder that holds a stack's state: logs, embedded Redis with its port, and how it is found.

`. state/env` lets a second terminal find a running stack. One stack has the folder at a time: two
would write into the files of one Redis.
"""

from __future__ import annotations

import fcntl
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from slotwise.errors import InputError
from workers.stack.ports import FIRST, LAST, free_port, is_free

log = structlog.get_logger(__name__)

#: Files in it: the port of the embedded Redis, and the variables of the command line.
PORT_FILE, ENV_FILE = "redis-port", "env"
#: The file that is locked for as long as a stack runs; it has the process's id, for people.
LOCK_FILE = "lock"
#: Variables that the command line needs to find a stack.
LAKE = "SLOTWISE_LAKE"
NAMES = ("SLOTWISE_REDIS_URL", "SLOTWISE_KEY_PREFIX", LAKE)


def ensure_state(state: Path) -> None:
    """Make the folder; raises InputError where none can be."""
    with _in_words(f"--state {str(state)!r} cannot be used"):
        for part in ("logs", "redis"):
            (state / part).mkdir(parents=True, exist_ok=True)


@contextmanager
def alone_in(state: Path) -> Iterator[None]:
    """Keep other stacks out of the folder; raises InputError where one runs there."""
    file = state / LOCK_FILE
    with _in_words(f"{str(file)!r} cannot be written"):
        lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            process = file.read_text(encoding="ascii", errors="replace").strip()
            raise InputError(
                f"a system runs in {str(state)!r} already (process {process}): end it first, or"
                " name another folder by --state"
            ) from error
        except OSError as error:
            # The gateway's own lock in Redis keeps a second one away.
            log.warning("state folder cannot be locked", file=str(file), reason=error.strerror)
        with _in_words(f"{str(file)!r} cannot be written"):
            os.ftruncate(lock, 0)
            os.write(lock, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(lock)


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


def earlier_lake(state: Path) -> str:
    """Return the lake of the stack that ran there before; empty where none is written."""
    with suppress(OSError, ValueError):
        for line in (state / ENV_FILE).read_text(encoding="utf-8").splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            if name == LAKE:
                return "".join(shlex.split(value))
    return ""


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
