"""The folder that holds a stack's logs and its embedded Redis."""

from __future__ import annotations

from pathlib import Path

from slotwise.errors import InputError


def ensure_state(state: Path) -> None:
    """Make the folder; raises InputError where none can be."""
    for part in ("logs", "redis"):
        try:
            (state / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"--state {str(state)!r} cannot be used: {reason}") from error
