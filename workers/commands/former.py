"""Commands of earlier versions: each names what to run instead."""

from __future__ import annotations

from slotwise.errors import InputError
from workers.commands.context import ANY_ARGUMENTS

#: What the command took before is taken, and not read.
CONTEXT_SETTINGS = ANY_ARGUMENTS


def bench() -> None:
    """Print the command that runs the benchmarks."""
    raise InputError(
        "the benchmarks are not part of the installed package: in a checkout of the source, run "
        "'make bench', or 'python -m benchmarks NAME'"
    )
