"""Marks that a gateway makes on the simulator land: all holdings of a moment in one commit."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from deltalake import DeltaTable

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.lake.lander import Lander
from slotwise.lake.store import Lake
from tests.integration.gateway.gateway_floor import Floor, floor, held_ids
from tests.support.independent_reader import rows_of
from tests.unit.gateway.listeners import until

#: A busy machine takes its time, seconds.
SOON_S = 120.0
#: Rows of marks are this far apart, seconds: a minute would only take longer.
INTERVAL_S = 2.0
HOLDINGS = 60


def moments(f: Floor) -> Counter[datetime]:
    """Count the rows of marks of each moment that were sent."""
    return Counter(row["at"] for row in f.landing.rows("marks"))


def streamed_with_a_mark(f: Floor) -> list[dict[str, Any]]:
    rows = f.landing.rows("position_updates")
    return [row for row in rows if row["source"] == "stream" and row["mark_source"] == "stream"]


def test_marks_of_a_moment_land_in_one_commit(bus: Bus, lake: Lake) -> None:
    async def run() -> tuple[set[int], list[dict[str, Any]]]:
        async with floor(bus, positions=HOLDINGS, rotation=True, marks_interval_s=INTERVAL_S) as f:
            await until(lambda: len(moments(f)) >= 2, timeout_s=SOON_S)
            await until(lambda: bool(streamed_with_a_mark(f)), timeout_s=SOON_S)
            return set(held_ids(f.simulator)), streamed_with_a_mark(f)

    held, streamed = asyncio.run(run())
    before = DeltaTable(lake.uri("marks")).version()
    Lander(lake, LandingStream(bus)).land(datetime.now(UTC))
    assert DeltaTable(lake.uri("marks")).version() == before + 1

    rows = rows_of(lake, "marks", '"at", con_id, mark, band, source, age_s, landing')
    of_moment: dict[datetime, list[tuple[Any, ...]]] = {}
    for at, *row in rows:
        of_moment.setdefault(at, []).append(tuple(row))
    assert len(of_moment) >= 2
    for marks in of_moment.values():
        assert {con_id for con_id, *_ in marks} == held
        assert len(marks) == len(held), "one row a holding"
        for _, mark, band, source, age_s, _ in marks:
            assert (mark is None) == (band is None) == (source == "none")
            assert age_s is None or age_s >= 0
    first, second = sorted(of_moment)[:2]
    assert (second - first).total_seconds() >= INTERVAL_S - 1.0
    assert len({row[-1] for marks in of_moment.values() for row in marks}) == 1, "one landing"

    for one in streamed:
        assert one["marked_at"] is not None
        assert abs((one["marked_at"] - one["observed_at"]).total_seconds()) < SOON_S
        assert one["band"] is not None
        assert one["mark_age_s"] >= 0
    options = [
        one for one in streamed if one["sec_type"] == "OPT" and one["mark_delta"] is not None
    ]
    assert options, "greeks come with an option's quote"


def test_marks_of_one_entry_are_one_commit_a_landing(bus: Bus, lake: Lake) -> None:
    """Landed as they come, as the beat does, each moment is a commit of its own."""

    async def run() -> int:
        async with floor(
            bus, positions=20, active=5, rotation=True, marks_interval_s=INTERVAL_S
        ) as f:
            lander = Lander(lake, LandingStream(bus))
            sent = 0
            while sent < 3:
                await until(lambda: bool(moments(f)), timeout_s=SOON_S)
                entries = len(moments(f))
                await asyncio.to_thread(lander.land, datetime.now(UTC))
                sent += entries
            return len(held_ids(f.simulator))

    held = asyncio.run(run())
    landings = rows_of(
        lake, "marks", 'landing, count(*), count(DISTINCT "at")', "true GROUP BY landing"
    )
    assert all(count == held * moments for _, count, moments in landings)
    assert sum(moments for *_, moments in landings) >= 3
