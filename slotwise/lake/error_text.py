"""Why the lake refused, in one line for a person, and as errors of Slotwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from deltalake.exceptions import DeltaError

from slotwise.errors import LakeAbsentError, LakeError, LakeTrouble

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: Delta's own mark of a cause below an error.
_ARROW = "↳"


def reason_of(error: Exception) -> str:
    """Join an error's lines, each the cause of the one before, without their colours."""
    lines = (_COLOUR.sub("", line).strip(f" \t{_ARROW}") for line in str(error).splitlines())
    return ": ".join(line for line in lines if line) or type(error).__name__


@contextmanager
def delta_errors(what: str) -> Iterator[None]:
    """Raise LakeError, with `what` in front, for what Delta or the disk refuses in the block."""
    try:
        yield
    except (DeltaError, OSError) as error:
        raise LakeError(f"{what}: {reason_of(error)}") from error


#: How Rust's standard library writes an error of the operating system, which Delta's writer passes
#: on: ENOSPC, EDQUOT; EROFS, EACCES, EPERM.
_FULL = ("(os error 28)", "(os error 122)")
_READ_ONLY = ("(os error 30)", "(os error 13)", "(os error 1)")


def trouble_of(error: BaseException) -> LakeTrouble:
    """Return what a lake suffers from, by the error that it gave."""
    if isinstance(error, LakeAbsentError):
        return "absent"
    text = str(error)
    if any(mark in text for mark in _FULL):
        return "full"
    return "read_only" if any(mark in text for mark in _READ_ONLY) else ""
