"""How long a reconciliation takes, from request to report, with everything running.

    python -m tests.walks.measure_reconciling --positions 10020 --times 20

Simulator, Redis, gateway, workers, beat and Flower run as in `slotwise demo`, with rotation and
polls; reports are asked for one after another once all holdings have landed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tests.walks.running_stack import RunningStack, as_json, running_stack

#: All holdings have landed within this, seconds.
LANDED_S = 120.0
#: The report has to be there within this, seconds: the bar.
BAR_S = 3.0
#: Exit status where it was not.
TOO_SLOW = 1


def main() -> int:
    """Measure, print, and compare with the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--positions", type=int, default=10_020)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(Path(folder), positions=options.positions) as stack,
    ):
        stack.eventually(lambda: _matched(stack) == options.positions, LANDED_S, "a match")
        took = [_once(stack) for _ in range(options.times)]
    inside = sorted(seconds for seconds, _ in took)
    outside = sorted(seconds for _, seconds in took)
    sys.stdout.write(
        f"{options.positions} holdings, {options.times} reports: request to report "
        f"median {statistics.median(inside):.2f} s, worst {inside[-1]:.2f} s; the command, with "
        f"its start, median {statistics.median(outside):.2f} s, worst {outside[-1]:.2f} s\n"
    )
    return TOO_SLOW if inside[-1] > BAR_S else 0


def _matched(stack: RunningStack) -> int:
    return int(as_json(stack.slotwise("reconcile", "--json", "--settle", "0"))["matched"])


def _once(stack: RunningStack) -> tuple[float, float]:
    """Return seconds from request to report, by its own times, and of the whole command."""
    began = time.monotonic()
    report = as_json(stack.slotwise("reconcile", "--json"))
    took_s = time.monotonic() - began
    assert report["status"] == "matched", report["reason"]
    inside = _seconds(report["completed_at"]) - _seconds(report["requested_at"])
    return inside, took_s


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    sys.exit(main())
