"""Who may see Flower: the name and password that were set, or some that are made and kept."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from slotwise.errors import InputError
from slotwise.secret_files import variable

#: Variable that Flower's configuration reads, NAME:PASSWORD.
LOGIN = "FLOWER_BASIC_AUTH"
#: Name in a login that is made.
NAME = "trader"
#: Bytes of chance in its password.
PASSWORD_BYTES = 12


def flower_login(state: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Return NAME:PASSWORD for Flower: as set, else as kept in the state folder, else a new one.

    Raises InputError where the file cannot be read or written.
    """
    given = variable(LOGIN, environment)
    if given:
        return given
    file = state / "flower-login"
    try:
        if file.exists() and (kept := file.read_text(encoding="utf-8").strip()):
            return kept
        login = f"{NAME}:{secrets.token_urlsafe(PASSWORD_BYTES)}"
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text(login + "\n", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"Flower's login {str(file)!r} cannot be kept: {reason}") from error
    return login


def login_env(login: str) -> dict[str, str]:
    """Return the environment that passes it to Flower; a file named elsewhere no longer counts."""
    return {LOGIN: login, f"{LOGIN}_FILE": ""}
