"""What the commands are: their modules' docstrings list them, a name and then what it does."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from tws_simulator.control.command import Command


def described(commands: Mapping[str, Command]) -> dict[str, str]:
    """Return each command's description as one line."""
    return {name: _describe(name, command) for name, command in commands.items()}


def _describe(name: str, command: Command) -> str:
    words: list[str] = []
    for line in (sys.modules[command.__module__].__doc__ or "").splitlines():
        head, _, rest = line.partition(" ")
        if head == name:
            words = rest.split()
        elif words and line.startswith(" "):
            words += line.split()
        elif words:
            break
    return " ".join(words)
