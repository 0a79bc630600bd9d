"""A walk at random over a real socket breaks no promise about lines; the ledger is the witness."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.bus.client import Bus
from tests.integration.gateway.churn_walk import BURST, churning, walk
from tests.support.effort import examples
from tests.support.line_witness import LineWitness

#: Requests under way when the limit falls: a busy machine answers late.
UNDER_WAY = 6
#: Seed of a walk that has a bit of everything in its first steps.
SEED = 3


@pytest.mark.timeout(300 * examples(1))
def test_no_line_is_lost_doubled_or_left_to_a_lower_one(bus: Bus) -> None:
    """Activations, fills, limits, farms, drops; `measure_churn` beside it takes 10,000 steps."""

    async def run() -> None:
        async with churning(bus, witness=LineWitness(UNDER_WAY)) as churn:
            await walk(churn, 8 * BURST * examples(1), SEED)
        seen = churn.witness
        assert seen.broken == []
        assert (seen.streams, seen.quotes) == ({}, {}), "the gateway left lines behind"
        assert {"drop", "limit", "farm", "upstream", "fill"} <= churn.steps.keys()
        assert seen.opened > 100
        assert seen.quoted > 0

    asyncio.run(run())
