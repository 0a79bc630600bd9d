"""A process that does its work once for each line it is given, and answers with JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from slotwise.errors import SlotwiseError

#: A process ends within this once nothing is asked of it any more, seconds.
END_S = 10.0


class Asked:
    """Run a module and ask it: `with Asked(log, "benchmarks.baselines.floor", ...) as floor`."""

    def __init__(
        self, log: Path, module: str, *args: str, env: Mapping[str, str] | None = None
    ) -> None:
        self._argv = (sys.executable, "-m", module, *args)
        self._env = {**os.environ, **(env or {})}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=self._env
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        process = self._process
        if process is None:
            return
        try:
            process.communicate(timeout=END_S)
        except (subprocess.TimeoutExpired, ValueError, OSError):
            process.kill()
            process.wait()

    def ask(self, **wanted: object) -> dict[str, Any]:
        """Send one piece of work, return its answer; raises SlotwiseError with its last words."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(wanted).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            pass  # its last output is in its log, which is read below
        return self.heard()

    def heard(self) -> dict[str, Any]:
        """Read its next line; raise SlotwiseError with its last lines when it has ended."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            words = self._log.read_text(errors="replace").strip().splitlines()
            last = words[-1] if words else "without a word"
            raise SlotwiseError(f"{self._argv[2]} ended: {last}")
        reply: dict[str, Any] = json.loads(line)
        return reply
