"""After drops, restarts, half-opens, farm blips and IB's own outages every line is back."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.bus.client import Bus
from tests.integration.gateway.fault_walk import KINDS, walk
from tests.integration.gateway.test_gateway_on_simulator import floor
from tests.support.effort import examples


@pytest.mark.timeout(240 * examples(1))
def test_every_active_line_comes_back_by_itself_from_every_fault(bus: Bus) -> None:
    """No hand, no refusal, no line too many; what was not seen is in the blindness ledger."""

    async def run() -> None:
        async with floor(bus, active=20) as f:
            took = await walk(f, len(KINDS) * examples(2))
            assert all(took.values())
            assert f.events("reject") == []
            assert max(e.held for e in f.simulator.ledger_events) <= 20
        rows = f.landing.rows("line_events")
        for con_id in f.registry.wanted():
            events = [row["event"] for row in rows if row["con_id"] == con_id]
            seen, gaps = False, 0
            for event in events:
                if event in ("first_tick", "returned"):
                    seen = True
                elif event in ("lost", "silent", "closed"):
                    gaps += seen
                    seen = False
            # The faults that take every line, each of them a gap of this one.
            everybody = [kind for kind in KINDS if kind != "farm"]
            assert gaps >= len(everybody) * examples(2), events

    asyncio.run(run())
