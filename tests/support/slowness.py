"""How much slower a machine is for some processes than an idle one, measured while they run.

The kernel counts for each thread how long it ran and how long it waited for a processor. Their sum
over the running time is the factor by which everything took longer: 1 on an idle machine, 4 where
four processes share each core. So a promise in seconds can be measured beside other tests.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

_PROC = Path("/proc")
#: A factor above this is no measure any more: the machine does something else.
MOST = 10.0


class Slowness:
    """The factor since the beginning of a stretch of time."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._before = self._read()

    def begin(self) -> None:
        """Begin a stretch of time."""
        self._before = self._read()

    def factor(self) -> float:
        """Return the factor since the beginning, at least 1."""
        if not (_PROC / "self" / "schedstat").exists():
            return min(max(os.getloadavg()[0] / (os.cpu_count() or 1), 1.0), MOST)
        now = self._read()
        ran = waited = 0
        for thread, (ran_ns, waited_ns) in now.items():
            ran_before, waited_before = self._before.get(thread, (0, 0))
            ran += ran_ns - ran_before
            waited += waited_ns - waited_before
        return min(max((ran + waited) / ran, 1.0), MOST) if ran > 0 else 1.0

    def _read(self) -> dict[str, tuple[int, int]]:
        found = {}
        for pid in self._pids():
            for file in _PROC.glob(f"{pid}/task/*/schedstat"):
                try:
                    ran, waited, _ = file.read_text().split()
                except OSError:
                    continue  # The thread has ended meanwhile.
                found[str(file)] = (int(ran), int(waited))
        return found
