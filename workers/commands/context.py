"""Context for a command that takes arguments which it does not declare."""

from __future__ import annotations

#: For a command that only names what to run or install instead.
ANY_ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True}
