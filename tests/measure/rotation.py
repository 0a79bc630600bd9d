"""Measure quotes on idle lines: python -m tests.measure.rotation [--positions N] [--seconds N].

Prints the rate and its bound, and the greatest age of any contract's quote beside what was
promised, all from the simulator's ledger and wire log.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from slotwise.bus.client import Bus
from tests.integration.gateway.rotation_account import account
from tests.integration.gateway.test_gateway_on_simulator import WATCHED, floor, held_ids
from tests.measure.embedded_redis import embedded_redis
from tests.support.lag import watching_lag

#: Time until every contract was quoted twice, seconds.
WARM_UP_S = 15.0
ACTIVE = 20


async def measure(bus: Bus, positions: int, lines: int, seconds: float, wire_log: Path) -> None:
    """Let quotes rotate for a time and print what the ledger says."""
    async with (
        watching_lag() as lag,
        floor(
            bus,
            positions=positions,
            lines=lines,
            active=ACTIVE,
            rotation=True,
            watch=WATCHED,
            wire_log=wire_log,
        ) as f,
    ):
        await asyncio.sleep(WARM_UP_S)
        since = f.simulator.now()
        await asyncio.sleep(seconds)
        now = f.simulator.now()
        held = set(held_ids(f.simulator)) - set(f.registry.wanted())
        planned = {con_id: f.gateway.rotator.planned_s(con_id) for con_id in held}
        ledger = list(f.simulator.ledger_events)
        watched = f.gateway.rotator.status().watched
    found = account(ledger, wire_log, held, lines - ACTIVE, since, now)
    ratios = sorted(
        oldest_s / bound_s
        for con_id, oldest_s in found.oldest_s.items()
        if (bound_s := planned[con_id]) is not None
    )
    sys.stdout.write(
        f"rate       {found.rate:.2f} quotes a second of {found.bound:.2f} possible "
        f"({found.rate / found.bound:.1%}): lines give {found.lines_bound:.1f} at "
        f"{found.takes_s:.2f} s a quote, messages {found.messages_bound:.1f}\n"
        f"ages       {len(ratios)} contracts, greatest age {max(found.oldest_s.values()):.2f} s; "
        f"of its bound the worst has {ratios[-1]:.0%}, the median {ratios[len(ratios) // 2]:.0%}\n"
        f"watchlist  {watched.contracts} contracts, oldest {watched.worst_s} s of "
        f"{watched.planned_s} s\n"
        f"rejected   {found.rejected}; the event loop was up to {lag.worst_s * 1000:.0f} ms late\n"
    )


def main() -> None:
    """Start a Redis, measure, and stop it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--positions", type=int, default=200)
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with embedded_redis() as bus, tempfile.TemporaryDirectory() as folder:
        wire_log = Path(folder) / "wire.jsonl"
        asyncio.run(measure(bus, options.positions, options.lines, options.seconds, wire_log))


if __name__ == "__main__":
    main()
