"""Logs of supervised processes: set aside when they are large, the oldest is removed.

A process goes on writing into the same file, which is copied and then emptied. What it writes
between the two, within milliseconds, is lost.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

#: Size from which a log is set aside, bytes: a day of a quiet system's gateway is below 1 MB.
LARGE = 10_000_000
#: Logs that are kept beside the one that is written; so a process has at most 40 MB.
KEPT = 3


def rotate(log: Path, large: int = LARGE, kept: int = KEPT) -> bool:
    """Set a large log aside as `NAME.1`, earlier ones one further; return whether it was large."""
    try:
        if log.stat().st_size < large:
            return False
        for number in range(kept - 1, 0, -1):
            with suppress(FileNotFoundError):
                _full_file(log, number).replace(_full_file(log, number + 1))
        shutil.copyfile(log, _full_file(log, 1))
        os.truncate(log, 0)
    except OSError:
        # A full disk: the log stays, and the next look tries again.
        return False
    return True


def _full_file(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
