"""Measure how soon lines come back: python -m tests.measure.lines_under_faults [--faults N].

Prints, by kind of fault, the time from when TWS answers again (a half-open peer: from when it was
found out) to the last first tick of 20 active lines.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from slotwise.bus.client import Bus
from tests.integration.gateway.fault_walk import walk
from tests.integration.gateway.test_gateway_on_simulator import floor
from tests.measure.embedded_redis import embedded_redis


async def measure(faults: int, bus: Bus, rotation: bool) -> None:
    """Walk through the faults and print what they cost."""
    async with floor(bus, active=20, rotation=rotation) as f:
        took = await walk(f, faults)
        rejected = len(f.events("reject"))
    everything = sorted(time for times in took.values() for time in times)
    for kind, times in took.items():
        times.sort()
        sys.stdout.write(
            f"{kind:10} {len(times):4} faults  median {times[len(times) // 2]:.2f} s"
            f"  worst {times[-1]:.2f} s\n"
        )
    p99 = everything[min(int(len(everything) * 0.99), len(everything) - 1)]
    sys.stdout.write(
        f"all        {len(everything):4} faults  p99 {p99:.2f} s; {rejected} rejected\n"
    )


def main() -> None:
    """Start a Redis, measure, and stop it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--rotation", action="store_true")
    options = parser.parse_args()
    with embedded_redis() as bus:
        asyncio.run(measure(options.faults, bus, options.rotation))


if __name__ == "__main__":
    main()
