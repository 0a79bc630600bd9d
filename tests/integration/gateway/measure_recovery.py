"""Measure how soon lines come back after faults.

    python -m tests.integration.gateway.measure_recovery [--faults N]

Prints, by kind of fault, the time from when TWS answers again (a half-open peer: from when it was
found out) to the last first tick of 20 active lines; and compares the gaps that `line_events` has
with the ticks that went over the wire.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from slotwise.bus.client import Bus
from tests.integration.gateway.fault_walk import took_by_kind, walk
from tests.integration.gateway.gap_check import check_gaps
from tests.integration.gateway.gateway_floor import floor
from tests.support.embedded_redis import embedded_redis
from tests.support.tick_witness import read_witness

#: Ticks within this of a gap's ends count as its ends, seconds.
TOLERANCE_S = 0.1


async def measure(count: int, bus: Bus, rotation: bool) -> None:
    """Walk through the faults and print what they cost."""
    with tempfile.TemporaryDirectory() as folder:
        wire_log = Path(folder) / "wire.jsonl"
        async with floor(bus, active=20, rotation=rotation, wire_log=wire_log) as f:
            faults = await walk(f, count)
            rejected = len(f.events("reject"))
        witness = read_witness(wire_log, f.simulator.ledger_events)
    took = took_by_kind(faults)
    everything = sorted(time for times in took.values() for time in times)
    for kind, times in took.items():
        times.sort()
        sys.stdout.write(
            f"{kind:10} {len(times):4} faults  median {times[len(times) // 2]:.2f} s"
            f"  worst {times[-1]:.2f} s\n"
        )
    sys.stdout.write(
        f"all        {len(faults):4} faults  p99 {_p99(everything):.2f} s; {rejected} rejected\n"
    )
    opened: dict[int, list[float]] = {}
    for event in f.events("open"):
        opened.setdefault(event.con_id, []).append(event.t)
    gaps = f.landing.gaps()
    found = check_gaps(faults, opened, gaps, witness, TOLERANCE_S)
    sys.stdout.write(
        f"ledger     {found.matched} injected gaps of {len(gaps)} contracts are in it, "
        f"{len(found.missing)} are not, {len(found.untrue)} of its gaps had ticks; begin p99 "
        f"{_p99(found.begins_off_s) * 1000:.1f} ms off, end p99 "
        f"{_p99(found.ends_off_s) * 1000:.1f} ms, worst {found.worst_s() * 1000:.1f} ms\n"
    )
    for missing in found.missing:
        sys.stdout.write(f"missing    {missing}\n")


def _p99(values: list[float]) -> float:
    return sorted(values)[min(int(len(values) * 0.99), len(values) - 1)] if values else 0.0


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
