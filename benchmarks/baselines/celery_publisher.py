"""Publish tasks: `python -m benchmarks.baselines.celery_publisher MODULE`.

For every line of standard input, JSON with `task` and `each`, a task is sent for each list of
arguments, and a line of JSON is printed: CPU seconds and seconds. A line with `ping` asks a worker
of that name whether it is there. Ends with its standard input.
"""

from __future__ import annotations

import importlib
import json
import sys
import time

#: A worker that is there answers within this, seconds.
PING_S = 0.5


def main(module: str) -> None:
    """Send what is asked for."""
    found = importlib.import_module(module)
    for line in sys.stdin:
        asked = json.loads(line)
        if "ping" in asked:
            there = found.app.control.ping(destination=[asked["ping"]], timeout=PING_S)
            _say({"there": bool(there)})
            continue
        task = found.app.tasks[asked["task"]]
        cpu, began = time.process_time(), time.monotonic()
        for args in asked["each"]:
            task.apply_async(args=args)
        _say({"cpu_s": time.process_time() - cpu, "seconds": time.monotonic() - began})


def _say(facts: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
