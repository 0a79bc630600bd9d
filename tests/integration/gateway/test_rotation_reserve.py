"""Strategies want every line: the rotation keeps two, and no contract is asked too often."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from slotwise.bus.client import Bus
from tests.integration.gateway.gateway_floor import Floor, floor, held_ids
from tests.unit.gateway.listeners import until

#: A busy machine takes its time, seconds.
SOON_S = 120.0
FLOOR_S = 2.0


def others_of(f: Floor) -> set[int]:
    return set(held_ids(f.simulator)) - set(f.registry.wanted())


def test_nothing_is_never_priced_while_strategies_want_every_line(bus: Bus) -> None:
    async def run() -> None:
        async with floor(bus, positions=40, lines=10, active=20, rotation=True) as f:

            def all_quoted() -> bool:
                ages = f.gateway.status().rotation.others
                return ages.contracts == len(others_of(f)) and not ages.never_quoted

            await until(all_quoted, timeout_s=SOON_S)
            status = f.gateway.status()
            assert (status.limit, status.kept_for_quotes, len(status.lines)) == (10, 2, 8)
            opened = {e.con_id for e in f.events("open")} & set(f.registry.wanted())
            assert len(opened) == 8, "none was opened for nothing"
            assert f.events("reject") == []
            assert max(e.held for e in f.simulator.ledger_events) <= 10

    asyncio.run(run())


def test_no_contract_is_asked_more_often_than_the_floor_allows(bus: Bus) -> None:
    """Few contracts and many idle lines: each could be asked several times a second."""

    async def run() -> None:
        async with floor(bus, positions=12, active=2, rotation=True, quote_floor_s=FLOOR_S) as f:
            counted = others_of(f)
            await until(lambda: len(f.events("snapshot")) >= 4 * len(counted), timeout_s=SOON_S)
            times: dict[int, list[float]] = {}
            for event in f.events("snapshot"):
                times.setdefault(event.con_id, []).append(event.t)
            assert counted <= times.keys()
            for con_id, asked in times.items():
                between = [after - before for before, after in pairwise(asked)]
                assert min(between, default=FLOOR_S) >= 0.9 * FLOOR_S, con_id

    asyncio.run(run())
