"""A reconciliation asked for as a user would: by the command line, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

import msgspec

from workers.launch import command


class FinalReport(msgspec.Struct, frozen=True):
    """Hold what the demo needs of a report."""

    report_id: str
    status: str
    matched: int
    breaks: list[dict[str, object]]


class ReconcileCommand:
    """A `slotwise reconcile` under way."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        self._process = process
        self._output = output

    def done(self) -> bool:
        """Return whether the command has ended."""
        return self._process.poll() is not None

    def report(self) -> FinalReport | None:
        """Read its report; None when it gave none."""
        self._process.wait()
        self._output.seek(0)
        try:
            return msgspec.json.decode(self._output.read(), type=FinalReport)
        except msgspec.DecodeError:
            return None


@contextmanager
def reconcile_command(env: Mapping[str, str]) -> Iterator[ReconcileCommand]:
    """Run `slotwise reconcile --json`; leaving the block ends it."""
    # A file, not a pipe: a long report would fill a pipe that is not emptied.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command("reconcile", "--json"),
            env={**os.environ, **env},
            stdout=output,
            stderr=subprocess.DEVNULL,
            # A second Ctrl-C in the terminal must not end the report that the first asked for.
            start_new_session=True,
        )
        try:
            yield ReconcileCommand(process, output)
        finally:
            process.kill()
            process.wait()
