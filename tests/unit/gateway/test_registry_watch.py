"""The gateway applies an announced change in memory, and finds others by reading."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from typing import Any

from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from slotwise.rules.registry_changes import RegistryChange
from tests.support.values import NOON, at
from tests.unit.gateway.listeners import until
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.registry_watch import RegistryWatch


class Desk:
    """A watch and its calls; changes made here are kept, to be announced or not."""

    def __init__(self, lake: Lake) -> None:
        self.calls: list[list[int]] = []
        self.changes: list[RegistryChange] = []
        self.watch = RegistryWatch(open_registry(lake.address), self._say)
        self.made = open_registry(lake.address, self.changes.append)

    def _say(self, active: ActiveContracts) -> None:
        self.calls.append(sorted(active.wanted))

    def run(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something beside the running watch."""

        async def both() -> None:
            running = asyncio.create_task(self.watch.run())
            await asyncio.sleep(0)
            try:
                await doing
            finally:
                running.cancel()

        asyncio.run(both())


def test_a_change_that_is_announced_counts_before_anything_is_read(lake: Lake) -> None:
    """Even while the lake is away: it was recorded before it was announced."""
    desk = Desk(lake)
    desk.made.activate("condor", [1, 2], NOON)
    desk.made.close("condor", at(1))
    shutil.move(lake.address, f"{lake.address}-away")

    async def doing() -> None:
        for change in desk.changes:
            desk.watch.follow(change)

    desk.run(doing())
    assert desk.calls == [[1, 2], []]


def test_a_registry_that_cannot_be_read_at_the_start_is_as_it_was_when_it_was_opened(
    lake: Lake,
) -> None:
    open_registry(lake.address).activate("condor", [1, 2], NOON)
    desk = Desk(lake)
    shutil.move(lake.address, f"{lake.address}-away")
    assert sorted(asyncio.run(desk.watch.begin()).wanted) == [1, 2]


def test_a_change_behind_one_that_was_lost_is_found_by_reading(lake: Lake) -> None:
    desk = Desk(lake)
    desk.made.activate("one", [1], NOON)
    desk.made.activate("two", [2], NOON)

    async def doing() -> None:
        desk.watch.follow(desk.changes[-1])
        await until(lambda: desk.calls == [[1, 2]])

    desk.run(doing())


def test_a_change_that_was_not_announced_is_found_when_the_next_poll_asks(lake: Lake) -> None:
    desk = Desk(lake)
    desk.made.activate("one", [1], NOON)

    async def doing() -> None:
        desk.watch.request()
        await until(lambda: desk.calls == [[1]])

    desk.run(doing())


def test_what_is_announced_before_the_watch_runs_waits_for_it(lake: Lake) -> None:
    """Nothing acts while the gateway still takes up what an earlier one left."""
    desk = Desk(lake)
    desk.made.activate("one", [1], NOON)
    desk.watch.follow(desk.changes[0])
    assert desk.calls == []
    desk.run(until(lambda: desk.calls == [[1]]))
