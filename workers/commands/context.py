"""How a command takes arguments that it does not know."""

from __future__ import annotations

#: For a command that only says what to run or install instead.
ANY_ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True}
