"""The raw Redis list: `python -m benchmarks.baselines.raw_list URL`.

For every line of standard input, JSON with `count`, so many messages are pushed and then popped by
redis-py, one after another, and a line of JSON is printed: CPU seconds and seconds of both. Ends
with its standard input.
"""

from __future__ import annotations

import json
import sys
import time

from redis import Redis

#: Key of the list.
KEY = "bench-raw"


def main(url: str) -> None:
    """Push and pop what is asked for."""
    redis = Redis.from_url(url)
    for line in sys.stdin:
        count = json.loads(line)["count"]
        figures = {}
        for what in ("push", "pop"):
            cpu, began = time.process_time(), time.monotonic()
            for number in range(count):
                if what == "push":
                    redis.lpush(KEY, json.dumps({"task": "empty", "id": number}))
                elif popped := redis.brpop([KEY]):
                    json.loads(popped[1])
            figures[f"{what}_cpu_s"] = time.process_time() - cpu
            figures[f"{what}_s"] = time.monotonic() - began
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
