"""The limit of lines as the gateway on the simulator learns it."""

from __future__ import annotations

import asyncio

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from tests.integration.gateway.gateway_floor import (
    floor,
    held_ids,
)
from tests.unit.gateway.listeners import until
from workers.gateway.lines.in_flight import TIMEOUT_S
from workers.gateway.lines.limit import PROBE_S


def test_a_smaller_limit_is_learnt(bus: Bus) -> None:
    """The account has fewer lines than configured: the most important contracts have them."""

    async def run() -> None:
        async with floor(bus, lines=30, active=0) as f:
            f.do(do="limit", lines=12)
            ids = held_ids(f.simulator)
            await until(lambda: SnapshotBoard(bus).head())
            f.activate("minor", ids[:10], priority=9)
            f.activate("major", ids[10:20], priority=1)
            await until(lambda: f.events("reject"))
            await until(lambda: set(ids[10:20]) <= set(f.gateway.table.held))
            await f.steady(12)
            await until(lambda: f.gateway.table.limit == 12)
            await until(lambda: len(f.gateway.streamer.without_line()) == 8)
            await asyncio.sleep(1)
            first, *later = f.events("reject")
            tries_s = [e.t - first.t for e in later]
            assert all(s >= n * PROBE_S * 0.9 for n, s in enumerate(tries_s, 1)), tries_s

    asyncio.run(run())


def test_a_limit_that_falls_and_rises_again(bus: Bus) -> None:
    """80 active, 60 lines after a reconnect: one refusal shows; then 100: all are there again."""

    async def run() -> None:
        async with floor(bus, active=80) as f:
            await f.steady(80)
            f.do(do="limit", lines=60)
            f.do(do="drop")
            await until(lambda: f.gateway.table.limit == 60)
            await f.steady(60)
            first, *later = f.events("reject")
            # What comes after the one that told is a try for more, each in its own time.
            tries_s = [e.t - first.t for e in later]
            assert all(s >= n * PROBE_S * 0.9 for n, s in enumerate(tries_s, 1)), tries_s
            f.do(do="limit", lines=100)
            refused = len(f.events("reject"))
            await until(lambda: f.simulator.world.lines.held == 80)
            assert len(f.events("reject")) == refused

    asyncio.run(run())


def test_a_slow_tws_refuses_one_line_when_its_limit_has_fallen(bus: Bus) -> None:
    """Each answer takes ten times the time limit: no line is asked for while a refusal may come."""

    async def run() -> None:
        async with floor(bus, positions=20, lines=14, active=12) as f:
            await f.steady(12)
            f.do(do="limit", lines=6)
            f.do(do="slow", seconds=10 * TIMEOUT_S)
            f.do(do="drop")
            await until(lambda: f.gateway.table.limit == 6)
            first, *later = f.events("reject")
            assert [e for e in later if e.t - first.t < PROBE_S * 0.9] == []
            assert f.simulator.world.lines.held == 6

    asyncio.run(run())
