"""Quotes in turn against a TWS whose quotes take their time: snapshots of options do not end."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.bus.client import Bus
from tests.integration.gateway.gateway_floor import Floor, floor, held_ids
from tests.unit.gateway.listeners import until
from workers.gateway.message_budget import KEPT_FREE, MOST

#: Messages of a short stream.
TWO = 2
#: A busy machine sends fewer messages than it may.
SLACK = 0.7


def _quotes(f: Floor) -> int:
    return len(f.events("snapshot")) + len(f.events("open"))


def _quotable(f: Floor, con_ids: set[int]) -> float:
    """Return the share of options that have a bid: near their expiry more and more have none."""
    market, now = f.simulator.world.market, f.simulator.now()
    held = [one.contract for one in f.simulator.world.accounts.positions()]
    options = [one for one in held if one.sec_type == "OPT" and one.con_id in con_ids]
    return sum(market.quote(one, now).bid_size > 0 for one in options) / len(options)


@pytest.mark.parametrize("lines", [100, 45])
def test_the_rotation_holds_against_snapshots_of_options_that_do_not_end(
    bus: Bus, lines: int
) -> None:
    """Every contract is quoted, nothing rejected, and most of what messages allow is used."""

    async def run() -> None:
        async with floor(bus, lines=lines, rotation=True, settle="measured") as f:
            others = set(held_ids(f.simulator)) - set(f.registry.wanted())
            rotator = f.gateway.rotator

            def all_quoted() -> bool:
                ages = rotator.status().others
                return ages.contracts == len(others) and not ages.never_quoted

            await until(all_quoted, timeout_s=60)
            began_at, before = f.simulator.now(), _quotes(f)
            await asyncio.sleep(10.0)
            rate = (_quotes(f) - before) / (f.simulator.now() - began_at)
            assert rate >= SLACK * (MOST - KEPT_FREE) / TWO
            assert f.events("reject") == []
            assert max(e.held for e in f.simulator.ledger_events) <= lines
            status = rotator.status()
            streams = next(s for s in status.settle if (s.kind, s.way) == ("OPT", "stream"))
            assert streams.quotes > 100
            assert streams.complete > 0.9 * _quotable(f, others)
            assert streams.median_s < 1.2

    asyncio.run(run())
