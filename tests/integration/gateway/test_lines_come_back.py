"""After drops, restarts, half-opens, farm blips and IB's own outages every line is back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from tests.integration.gateway.fault_walk import KINDS, took_by_kind, walk
from tests.integration.gateway.gap_check import check_gaps
from tests.integration.gateway.gateway_floor import floor
from tests.support.effort import examples
from tests.support.lag import watching_lag
from tests.support.tick_witness import read_witness

#: Between a tick on the wire and in the ledger: nothing but the two loops, seconds.
TOLERANCE_S = 0.1


@pytest.mark.timeout(240 * examples(1))
def test_every_line_comes_back_and_the_ledger_has_each_gap(bus: Bus, tmp_path: Path) -> None:
    """No hand, no refusal, no line too many; what was not seen is in the ledger, to the tick."""
    wire_log = tmp_path / "wire.jsonl"

    async def run() -> None:
        async with watching_lag() as lag, floor(bus, active=20, wire_log=wire_log) as f:
            faults = await walk(f, len(KINDS) * examples(2))
            assert all(took_by_kind(faults).values())
            assert f.events("reject") == []
            assert max(e.held for e in f.simulator.ledger_events) <= 20
        opened: dict[int, list[float]] = {}
        for event in f.events("open"):
            opened.setdefault(event.con_id, []).append(event.t)
        gaps = f.landing.gaps()
        assert set(gaps) == set(f.registry.wanted())
        tolerance_s = TOLERANCE_S + 2 * lag.worst_s
        witness = read_witness(wire_log, f.simulator.ledger_events)
        found = check_gaps(faults, opened, gaps, witness, tolerance_s)
        assert found.missing == []
        assert found.untrue == []
        # The faults that take every line, each of them a gap of this one; and farms kill some.
        everybody = len([fault for fault in faults if fault.kind != "farm"]) * len(gaps)
        assert found.matched > everybody
        assert found.worst_s() <= tolerance_s

    asyncio.run(run())
