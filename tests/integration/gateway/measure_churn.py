"""Churn lines at random over a real socket.

    python -m tests.integration.gateway.measure_churn [--steps N] [--seed N]

Prints what was done, what the simulator's ledger says of it, and how soon lines were what they
had to be; exits with 1 when the ledger shows a broken promise.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from slotwise.bus.client import Bus
from tests.integration.gateway.churn_walk import Churn, churning, walk
from tests.support.embedded_redis import embedded_redis


async def measure(steps: int, seed: int, bus: Bus, rotation: bool) -> Churn:
    """Walk, and let the gateway end."""
    async with churning(bus, rotation=rotation) as churn:
        try:
            await walk(churn, steps, seed)
        except TimeoutError as error:
            churn.witness.broken.append(str(error))
    if churn.witness.held() or churn.witness.quotes:
        churn.witness.broken.append("the gateway ended and left lines behind")
    return churn


def main() -> None:
    """Start a Redis, walk, and stop it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-rotation", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    with embedded_redis() as bus:
        churn = asyncio.run(measure(options.steps, options.seed, bus, not options.no_rotation))
    seen, settled = churn.witness, sorted(churn.settled_s)
    done = ", ".join(f"{kind} {count}" for kind, count in churn.steps.most_common())
    sys.stdout.write(
        f"{churn.steps.total()} steps in {time.monotonic() - began:.0f} s: {done}\n"
        f"ledger: {seen.opened} lines opened, {seen.quoted} quotes, peak {seen.peak}\n"
        f"{seen.rejected} refused: {seen.tries} tries for a higher limit, and "
        f"{seen.rejected - seen.tries} after {seen.falls} falls of the limit, at which {seen.over} "
        "lines were held over it\n"
    )
    if settled:
        sys.stdout.write(
            f"at rest {len(settled)} times: median {settled[len(settled) // 2]:.2f} s, "
            f"p99 {settled[int(len(settled) * 0.99)]:.2f} s, worst {settled[-1]:.2f} s\n"
        )
    for promise in seen.broken[:20]:
        sys.stdout.write(f"BROKEN: {promise}\n")
    sys.stdout.write(f"{len(seen.broken)} promises broken\n")
    sys.exit(1 if seen.broken else 0)


if __name__ == "__main__":
    main()
