"""Why the lake refused, in one line fit for a person."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: Delta's own mark of a cause below an error.
_ARROW = "↳"


def reason_of(error: Exception) -> str:
    """Join an error's lines, each the cause of the one before, without their colours."""
    lines = (_COLOUR.sub("", line).strip(f" \t{_ARROW}") for line in str(error).splitlines())
    return ": ".join(line for line in lines if line) or type(error).__name__
