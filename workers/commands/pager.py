"""Pager: lines on a terminal go through `less`, or the program that PAGER names."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping

#: Ends by itself where everything fits on the screen, keeps colours, cuts no screen away.
LESS = ("less", "-FRSX")


def pager_command(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the pager's command line; empty where there is none, or PAGER is set to nothing."""
    named = environment.get("PAGER")
    command = LESS if named is None else tuple(shlex.split(named))
    return command if command and shutil.which(command[0]) else ()


def show_lines(lines: Iterable[str], *, is_terminal: bool) -> None:
    """Write lines to standard output, through the pager on a terminal."""
    command = pager_command() if is_terminal else ()
    if not command:
        for line in lines:
            sys.stdout.write(line + "\n")
        return
    with subprocess.Popen(command, stdin=subprocess.PIPE, encoding="utf-8") as pager:
        assert pager.stdin is not None  # it was asked for
        try:
            for line in lines:
                pager.stdin.write(line + "\n")
            pager.stdin.close()
        except BrokenPipeError:
            # Its user has seen enough.
            pass
