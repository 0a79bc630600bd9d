"""Measure activation to wire under full rotation: python -m tests.measure.activation [--times N].

Every idle line takes quotes. A contract is activated, and the simulator's ledger tells when its
request arrived; counted from when the gateway hears of the change.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from slotwise.bus.client import Bus
from slotwise.bus.commands import RegistryChanged
from tests.integration.gateway.test_gateway_on_simulator import floor, held_ids
from tests.measure.embedded_redis import embedded_redis
from tests.unit.gateway.listeners import until

#: Lines: few enough that quotes take every idle one.
LINES, ACTIVE = 12, 4


async def measure(times: int, bus: Bus) -> None:
    """Activate contracts one after another and print how soon each was on the wire."""
    async with floor(bus, lines=LINES, active=ACTIVE, rotation=True) as f:
        contracts = held_ids(f.simulator)
        await asyncio.sleep(8)
        took, cancels, full = [], [], 0
        for number in range(times):
            con_id = contracts[ACTIVE + number % 100]
            before = len(f.simulator.ledger_events)
            full += f.gateway.table.free() == 0
            asked_at = f.simulator.now()
            f.registry.activate("now", [con_id], priority=1)
            f.gateway.on_command(RegistryChanged())

            def opened(con_id: int = con_id, before: int = before) -> bool:
                return any(
                    e.event == "open" and e.con_id == con_id
                    for e in list(f.simulator.ledger_events)[before:]
                )

            await until(opened)
            since = list(f.simulator.ledger_events)[before:]
            at = next(n for n, e in enumerate(since) if e.event == "open")
            took.append(since[at].t - asked_at)
            cancels.append(sum(e.event == "cancel" for e in since[:at]))
            f.registry.strategies.pop("now")
            f.gateway.on_command(RegistryChanged())
            await until(lambda c=con_id: c not in f.gateway.table.held)
            await asyncio.sleep(0.3)
        rejected = len(f.events("reject"))
    took.sort()
    sys.stdout.write(
        f"{times} activations, {full} of them with every line in use: median "
        f"{took[times // 2] * 1000:.1f} ms, p99 {took[int(times * 0.99)] * 1000:.1f} ms, worst "
        f"{took[-1] * 1000:.1f} ms; at most {max(cancels)} cancels before one; "
        f"{rejected} rejected\n"
    )


def main() -> None:
    """Start a Redis, measure, and stop it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    with embedded_redis() as bus:
        asyncio.run(measure(options.times, bus))


if __name__ == "__main__":
    main()
