"""Run commands one after another in one process, and say how each ended: starting takes longest.

Reads a JSON list of commands from standard input, writes {command: [status, what it wrote]}.
"""

from __future__ import annotations

import json
import shlex
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from slotwise.errors import SlotwiseError
from workers.commands.exit_status import exit_status_of
from workers.commands.root import command_line_for


def ended(command: str) -> tuple[int, str]:
    """Run a command as `slotwise` does."""
    wrote = StringIO()
    status = 0
    with redirect_stdout(wrote), redirect_stderr(wrote):
        try:
            words = shlex.split(command)[1:]
            command_line_for(words)(words)
        except SystemExit as end:
            status = int(end.code or 0)
        except SlotwiseError as error:
            wrote.write(f"slotwise: {error}\n")
            status = exit_status_of(error)
    return status, wrote.getvalue()


if __name__ == "__main__":
    answers = {}
    for command in json.load(sys.stdin):
        began = time.monotonic()
        answers[command] = ended(command)
        # Where the whole takes too long, this says what did.
        sys.stderr.write(f"{time.monotonic() - began:.1f} s {command}\n")
    json.dump(answers, sys.stdout)
