"""A file that tells a second terminal where a running stack is: `. state/env`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from slotwise.errors import InputError

#: Variables that the command line needs to find a stack.
NAMES = ("SLOTWISE_REDIS_URL", "SLOTWISE_KEY_PREFIX", "SLOTWISE_LAKE")


def write_env_file(state: Path, env: Mapping[str, str]) -> Path:
    """Write the file and return it; its owner alone reads it, since it may hold a password.

    Raises InputError where the folder cannot be written.
    """
    file = state / "env"
    lines = [f"export {name}={shlex.quote(env[name])}\n" for name in NAMES if name in env]
    try:
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{str(file)!r} cannot be written: {reason}") from error
    return file
