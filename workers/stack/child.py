"""One supervised child process: started in a session of its own, stopped with all it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

#: A child has this long to end by itself after TERM, seconds; a Celery worker ends its tasks.
STOP_TIMEOUT_S = 10.0
#: Wait before the first restart, seconds; doubled up to the longest while it keeps dying.
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 10.0
#: A child that lived this long before it died starts again at the first wait, seconds.
STEADY_S = 20.0

_PR_SET_PDEATHSIG = 1


class ChildSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How to start one process. `stop_order`: lower numbers are stopped first."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    stop_order: int = 5


class Child:
    """Run one process, and start it again when it dies."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.restarts = -1
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._due = 0.0
        self._backoff_s = FIRST_BACKOFF_S

    @property
    def pid(self) -> int | None:
        """Return the process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_status(self) -> int | None:
        """Return the status it ended with; None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start the process; its output is appended to its log."""
        self.spec.log.parent.mkdir(parents=True, exist_ok=True)
        with self.spec.log.open("ab") as log:
            self._process = self._open(log)
        self._started = time.monotonic()
        self._due = 0.0
        self.restarts += 1

    def tend(self) -> bool:
        """Start the process again if it is dead and its wait is over; True when it did."""
        if self._process is None or self._process.poll() is None:
            return False
        now = time.monotonic()
        if not self._due:
            self._end_group(signal.SIGKILL)
            if now - self._started > STEADY_S:
                self._backoff_s = FIRST_BACKOFF_S
            self._due = now + self._backoff_s
            self._backoff_s = min(self._backoff_s * 2, LONGEST_BACKOFF_S)
        if now < self._due:
            return False
        self._due = 0.0
        self.start()
        return True

    def ask_to_stop(self) -> None:
        """Send TERM to the process."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_stopped(self, until: float) -> None:
        """Wait for its end until a monotonic time, then kill it and all it started."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(until - time.monotonic(), 0.0))
        self._end_group(signal.SIGKILL)
        self._process.wait()

    def last_words(self) -> str:
        """Return the last line of its log."""
        try:
            lines = self.spec.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1] if lines else ""

    def has_logged(self, text: str) -> bool:
        """Return True where its log contains a text."""
        try:
            return text in self.spec.log.read_text(errors="replace")
        except OSError:
            return False

    def _open(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.spec.argv,
            env={**os.environ, **self.spec.env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent if sys.platform == "linux" else None,
        )

    def _end_group(self, number: int) -> None:
        # A killed Celery worker leaves its pool behind, in the session that was made for it.
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def stop_all(children: Sequence[Child]) -> None:
    """Stop children in their order, those of one order together; none is left behind."""
    for order in sorted({child.spec.stop_order for child in children}):
        group = [child for child in children if child.spec.stop_order == order]
        for child in group:
            child.ask_to_stop()
        until = time.monotonic() + STOP_TIMEOUT_S
        for child in group:
            child.wait_stopped(until)


def wait_until(ready: Callable[[], bool], timeout_s: float, step_s: float = 0.05) -> bool:
    """Look until something is ready; False when it is not in time."""
    until = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > until:
            return False
        time.sleep(step_s)
    return True


def end_with_parent() -> None:
    """Make Linux send TERM to this process when its parent ends in any way."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
