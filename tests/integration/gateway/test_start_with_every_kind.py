"""Starts with many contracts of every kind that an account can hold: each is looked up once."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.lake.store import Lake
from tests.integration.gateway.start_walk import LARGE, MARKET_DATA, Walk, Wire
from tests.support.effort import with_effort
from tests.support.mixed_portfolio import FIRST_ID, HELD_TYPES, WATCHED
from tests.unit.gateway.listeners import until
from workers.gateway.contracts.fetch import AT_ONCE
from workers.gateway.message_budget import FOR_LOOK_UPS, MOST

#: Contracts in a run of all tests: ten of each type and seven seconds of look-ups.
FEW = 10 * len(HELD_TYPES)
#: Contracts of the largest portfolio that the product promises.
MANY = 10_000
#: Active from the start: one of each type, from the end of the portfolio.
ACTIVE = len(HELD_TYPES)
#: Time over which messages are counted, seconds: on a loaded machine those of one second are read
#: together with those of the one before.
PACE_S = 5.0
#: Longest time from the sending of a message to its reading, seconds.
LATE_S = 1.0
#: A start with few contracts takes no longer than this on a loaded machine, seconds.
TIMEOUT_S = 90.0


def activate(walk: Walk) -> list[int]:
    """Have the last contract of each type active from the start."""
    ids = list(walk.ids())[-ACTIVE:]
    walk.registry.activate("desk", ids)
    return ids


def check_first_start(walk: Walk, active: list[int], connections: int = 1) -> None:
    """Check that each contract was asked for once, the important ones first, at TWS's pace.

    A connection that ends costs the look-ups that are under way.
    """
    wire = walk.wire()
    asked = wire.times_asked()
    assert set(asked) == {*walk.ids(), *WATCHED}
    assert wire.connections == connections
    assert sum(asked.values()) - len(asked) <= AT_ONCE * (connections - 1)
    check_pace(wire)
    own = len(WATCHED) + ACTIVE
    assert wire.most_within(PACE_S, wire.look_ups) <= FOR_LOOK_UPS * (PACE_S + LATE_S) + own
    first = wire.order()[: len(active) + len(WATCHED) + AT_ONCE]
    assert {*active, *WATCHED} <= set(first)


def check_pace(wire: Wire) -> None:
    """Check that TWS got no more messages than it takes."""
    assert wire.most_within(PACE_S, wire.sent) <= MOST * (PACE_S + LATE_S)


async def start_twice(walk: Walk, timeout_s: float) -> None:
    """Start from an empty lake, then from one that has all contracts."""
    active = activate(walk)
    began = time.monotonic()
    async with walk.tws(), walk.gateway():
        await walk.until_unvalued(walk.undefined(), timeout_s)
    # On a machine that stands still for seconds a gateway takes TWS for gone, and connects anew.
    check_first_start(walk, active, walk.wire().connections if walk.contracts >= LARGE else 1)
    report("first", walk, time.monotonic() - began)
    assert walk.known() == set(walk.ids())

    walk.bus.redis.flushall()
    began = time.monotonic()
    async with walk.tws(), walk.gateway() as gateway:
        await walk.until_unvalued(walk.undefined(), timeout_s)
        took_s = time.monotonic() - began
        # What the rotation and an activation ask for is known too.
        walk.registry.activate("more", list(walk.ids())[:ACTIVE])
        Commands(walk.bus).send(RegistryChanged())
        claimed = {*active, *list(walk.ids())[:ACTIVE]} - walk.undefined()
        await until(lambda: claimed <= gateway.table.held.keys(), TIMEOUT_S)
    report("second", walk, took_s)
    wire = walk.wire()
    assert wire.look_ups == []
    check_pace(wire)
    assert any(one.fields[0] == MARKET_DATA for one in wire.sent)


def report(which: str, walk: Walk, took_s: float) -> None:
    """Print the figures of a start."""
    wire = walk.wire()
    asked = wire.times_asked()
    cpu_s = time.process_time()
    sys.stdout.write(
        f"{which} start, {walk.contracts} holdings of {len(HELD_TYPES)} types: {took_s:.0f} s; "
        f"{len(wire.look_ups)} details requests for {len(asked)} contracts in "
        f"{wire.look_up_seconds():.0f} s, at most {wire.most_within(1.0, wire.look_ups)} "
        f"in a second; {len(wire.sent)} messages, at most {wire.most_within(1.0, wire.sent)} "
        f"in a second (ours: {MOST}), {wire.delayed()} delayed by TWS; this process has "
        f"used {cpu_s:.0f} s of CPU\n"
    )


def test_each_contract_is_looked_up_once_and_never_again(
    bus: Bus, lake: Lake, tmp_path: Path
) -> None:
    asyncio.run(start_twice(Walk(bus, lake, tmp_path, FEW), TIMEOUT_S))


@with_effort
@pytest.mark.timeout(2400)
def test_ten_thousand_contracts_are_looked_up_once_and_never_again(
    bus: Bus, lake: Lake, tmp_path: Path
) -> None:
    """In full: with -s it prints figures as docs/contracts.md has them."""
    asyncio.run(start_twice(Walk(bus, lake, tmp_path, MANY), 1800.0))


@with_effort
def test_a_gateway_that_is_restarted_amid_its_look_ups_goes_on_with_the_others(
    bus: Bus, lake: Lake, tmp_path: Path
) -> None:
    """What was known at the end is in the lake; only what was under way is asked for again."""

    async def run() -> None:
        walk = Walk(bus, lake, tmp_path, FEW)
        active = activate(walk)
        async with walk.tws():
            async with walk.gateway():
                await walk.until_asked(FEW // 2, TIMEOUT_S)
            assert ACTIVE <= len(walk.known()) < FEW
            async with walk.gateway():
                await walk.until_unvalued(walk.undefined(), TIMEOUT_S)
        check_first_start(walk, active, connections=2)

    asyncio.run(run())


def test_a_connection_that_drops_amid_the_look_ups_costs_those_under_way(
    bus: Bus, lake: Lake, tmp_path: Path
) -> None:
    async def run() -> None:
        walk = Walk(bus, lake, tmp_path, FEW)
        active = activate(walk)
        async with walk.tws(), walk.gateway():
            for share in (3, 2):
                await walk.until_asked(FEW // share, TIMEOUT_S)
                walk.do(do="drop")
            await walk.until_unvalued(walk.undefined(), TIMEOUT_S)
        check_first_start(walk, active, connections=3)

    asyncio.run(run())


def test_contracts_that_tws_refuses_are_asked_for_once_and_hold_up_no_others(
    bus: Bus, lake: Lake, tmp_path: Path
) -> None:
    """One of each type has been delisted: error 200, kept with its reason for the next start."""

    async def run() -> None:
        walk = Walk(bus, lake, tmp_path, FEW)
        active = activate(walk)
        gone = set(range(FIRST_ID, FIRST_ID + len(HELD_TYPES)))
        for start in (1, 2):
            async with walk.tws():
                for con_id in gone - walk.undefined():
                    walk.do(do="delist", con_id=con_id)
                async with walk.gateway():
                    await walk.until_unvalued(gone | walk.undefined(), TIMEOUT_S)
            if start == 1:
                check_first_start(walk, active)
                walk.bus.redis.flushall()
        assert walk.wire().look_ups == []

    asyncio.run(run())
