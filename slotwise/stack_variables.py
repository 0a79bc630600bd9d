"""What `slotwise up` wrote about its system, so that commands in its folder find it.

`state/env` names Redis, the prefix of keys, and the lake. It is read after the environment and
`.env`, which count before it. SLOTWISE_STATE names another folder than `state`; empty: none.

Only a file that belongs to this user and that no other can write is read.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

#: The variable that names the folder, the usual folder, and the file in it.
STATE, USUAL_STATE, FILE = "SLOTWISE_STATE", "state", "env"
_EXPORT = "export "


def stack_variables(named: str | None, folder: Path | None = None) -> dict[str, str]:
    """Read the variables of a state folder; none where there is no file that may be read."""
    if named == "":
        return {}
    file = (folder or Path.cwd()) / (named or USUAL_STATE) / FILE
    try:
        if not _is_own(file):
            return {}
        lines = file.read_text(encoding="utf-8").splitlines()
        return dict(_variables(lines))
    except (OSError, ValueError):
        return {}


def state_folder(places: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return SLOTWISE_STATE from the first place that sets it; None where none does."""
    return next((found[STATE] for found in places.values() if STATE in found), None)


def _is_own(file: Path) -> bool:
    found = file.stat()
    others = stat.S_IWGRP | stat.S_IWOTH
    return found.st_uid == os.getuid() and not found.st_mode & others


def _variables(lines: list[str]) -> list[tuple[str, str]]:
    found = []
    for line in lines:
        if line.startswith(_EXPORT):
            name, _, value = "".join(shlex.split(line.removeprefix(_EXPORT))).partition("=")
            found.append((name, value))
    return found
