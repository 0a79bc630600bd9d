"""How many test processes a run has: as many as keep two cores busy, and no more.

Most tests wait for processes, so there are more test processes than cores. A slow machine has
enough to do with fewer; with more, tests that wait for a moment miss it, and the run takes as long.
"""

from __future__ import annotations

import time

#: Test processes on a machine whose cores are fast, and on one whose cores are slow.
FAST, SLOW = 8, 6
#: A core is fast where a step of the loop below takes no longer than this, seconds of CPU. It takes
#: 95 ns where six processes keep both cores busy. Where eight were chosen all of `make test` takes
#: half as long; the step was not measured there, so this lies between 95 ns and half of it.
FAST_STEP_S = 75e-9
#: Steps of one measurement, some 20 ms, and measurements, of which the shortest counts: the others
#: had something beside them.
STEPS, TIMES = 300_000, 3


def process_count() -> int:
    """Return how many test processes this machine keeps busy."""
    return FAST if min(_step_s() for _ in range(TIMES)) <= FAST_STEP_S else SLOW


def _step_s() -> float:
    """Return what a step of a plain loop takes, seconds of CPU."""
    began = time.process_time()
    total = 0
    for step in range(STEPS):
        total += step * step
    return (time.process_time() - began) / STEPS
