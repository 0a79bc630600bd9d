"""Clocks of the children: stepped while they run, by a small library that is preloaded into them.

Debian's libfaketime either steps the monotonic clock too or breaks `time.sleep` of Python 3.11, so
the library is compiled from `clock.c` with the machine's C compiler.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

#: Machines of a storm that have a clock each: a gateway's, and all others'.
MACHINES = ("gateway", "workers")
_SOURCE = Path(__file__).with_name("clock.c")
_SECOND_NS = 10**9


class Clocks:
    """Hold the clock of each machine; without a compiler there are none to step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._library = folder / "clock.so"
        self._steps: list[tuple[str, float, float]] = []
        self.why_not = self._compile()
        self.reset()

    def environment(self, machine: str) -> Mapping[str, str]:
        """Return what a child of a machine is started with."""
        if self.why_not:
            return {}
        return {"LD_PRELOAD": str(self._library), "STORM_CLOCK": str(self._file(machine))}

    def step(self, machine: str, seconds: float) -> None:
        """Set a machine's clock so many seconds off the true time; 0 sets it right."""
        data = round(seconds * _SECOND_NS).to_bytes(8, "little", signed=True)
        file = self._file(machine)
        if file.exists():
            # Processes have this file mapped: it is written in place, at once.
            with file.open("r+b", buffering=0) as stream:
                stream.write(data)
        else:
            file.write_bytes(data)
        self._steps.append((machine, time.time(), seconds))

    def reset(self) -> None:
        """Set all clocks right."""
        for machine in MACHINES:
            self.step(machine, 0.0)

    def off(self, machine: str) -> set[float]:
        """Return all that a machine's clock was ever off by, seconds; 0 is among them."""
        return {seconds for name, _, seconds in self._steps if name == machine}

    def _file(self, machine: str) -> Path:
        return self._folder / f"{machine}.clock"

    def _compile(self) -> str:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            return "no C compiler is installed, so that no clock can be stepped"
        argv = [compiler, "-shared", "-fPIC", "-O2", "-o", str(self._library), str(_SOURCE), "-ldl"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        return f"clock.c was not compiled: {done.stderr.strip()}" if done.returncode else ""
