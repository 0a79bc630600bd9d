"""Walk at random through all that may happen to positions, in virtual time.

    python -m tests.integration.gateway.measure_positions [--steps N] [--seed N] [--holdings N ...]

Prints what was done and passed on; exits with 1 where a promise was broken, with its seed.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import structlog

from tests.integration.gateway.positions_walk import walk

#: Steps of one walk, and the number of accounts by the number of holdings.
STEPS = 100
ACCOUNTS = {1: 1, 2: 1, 3: 2, 30: 3, 200: 4, 10_000: 6}


def main() -> None:
    """Walk until the steps are done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--holdings", type=int, nargs="+", choices=ACCOUNTS, default=[2, 3, 30, 200]
    )
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began, cpu = time.monotonic(), time.process_time()
    steps: Counter[str] = Counter()
    passed_on = closed = broken = walks = 0
    seconds = 0.0
    while steps.total() < options.steps:
        seed, holdings = options.seed + walks, options.holdings[walks % len(options.holdings)]
        walks += 1
        with tempfile.TemporaryDirectory() as folder:
            try:
                walked = walk(Path(folder), seed, STEPS, holdings, ACCOUNTS[holdings])
            except AssertionError as error:
                broken += 1
                steps["broken"] += STEPS
                sys.stdout.write(f"BROKEN: seed {seed}, {holdings} holdings: {error}\n")
                continue
        steps += walked.steps
        passed_on += walked.stand.witness.passed_on
        closed += walked.stand.witness.closed
        seconds += walked.took_s
    done = ", ".join(f"{kind} {count}" for kind, count in steps.most_common())
    sys.stdout.write(
        f"{steps.total()} steps in {walks} walks: {done}\n"
        f"{seconds / 3600:.1f} hours of virtual time in {time.monotonic() - began:.0f} s, "
        f"{time.process_time() - cpu:.0f} s of CPU\n"
        f"{passed_on} quantities of holdings passed on, {closed} closings, {broken} walks broken\n"
    )
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
