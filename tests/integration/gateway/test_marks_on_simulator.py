"""Marks of everything held, made by a gateway on the simulator and read from Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from msgspec.structs import replace

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.bus.marks import MarksBoard
from slotwise.quote import Quote
from slotwise.rules.marks.marked import Marked
from tests.integration.gateway.gateway_floor import Floor, floor, held_ids
from tests.unit.gateway.listeners import until

#: A busy machine takes its time, seconds.
SOON_S = 120.0


def marks_of(f: Floor) -> Mapping[int, Marked]:
    return MarksBoard(f.bus).get()


async def every_option_is_marked(f: Floor) -> None:
    options = {
        one.contract.con_id
        for one in f.simulator.world.accounts.positions()
        if one.contract.sec_type in ("OPT", "FOP")
    }

    def marked() -> bool:
        found = marks_of(f)
        return all(con_id in found and found[con_id].value is not None for con_id in options)

    await until(marked, timeout_s=SOON_S)


def test_everything_held_has_a_mark_with_a_band_and_its_ages(bus: Bus) -> None:
    """Lines are streams, options in between follow their underlying, what has no price shows."""

    async def run() -> None:
        async with floor(bus, rotation=True) as f:
            await every_option_is_marked(f)
            found, held = marks_of(f), set(held_ids(f.simulator))
            active = set(f.registry.wanted())
            assert found.keys() == held
            for one in found.values():
                assert (one.value is None) == (one.band is None) == (one.source == "none")
                assert one.band is None or one.band >= 0
                assert one.age_s is None or one.age_s >= 0
            await until(
                lambda: {one.source for c, one in marks_of(f).items() if c in active} == {"stream"},
                timeout_s=SOON_S,
            )
            modelled = [one for one in marks_of(f).values() if one.source == "model"]
            assert modelled
            assert all(one.greeks_at and one.underlying_at for one in modelled)
            now = datetime.now(UTC)
            assert all(abs((now - one.at).total_seconds()) < SOON_S for one in found.values())

    asyncio.run(run())


def test_underlyings_that_are_not_held_are_quoted_and_shown(bus: Bus) -> None:
    """Marks of their options follow them, and a dollar delta needs their price."""

    async def run() -> None:
        async with floor(bus, rotation=True) as f:
            marks = f.gateway.marks
            await until(lambda: bool(marks.underlyings), timeout_s=SOON_S)
            await every_option_is_marked(f)
            absent = set(marks.underlyings) - set(held_ids(f.simulator))
            assert absent
            await until(lambda: any(QuoteBoard(bus).get(sorted(absent)).values()), timeout_s=SOON_S)

    asyncio.run(run())


def test_a_line_that_closes_is_no_stream_any_more(bus: Bus) -> None:
    async def run() -> None:
        async with floor(bus, positions=30, active=3) as f:
            con_id = next(iter(f.registry.wanted()))
            await until(lambda: marks_of(f).get(con_id, None) is not None, timeout_s=SOON_S)
            await until(lambda: marks_of(f)[con_id].source == "stream", timeout_s=SOON_S)
            f.activate("desk", [])
            await until(
                lambda: marks_of(f)[con_id].source in ("quote", "model", "kept"), timeout_s=SOON_S
            )
            seen: list[Marked] = []
            while len(seen) < 3:
                one = marks_of(f)[con_id]
                if not seen or one.at > seen[-1].at:
                    seen.append(one)
                await asyncio.sleep(0.2)
            for before, after in pairwise(seen):
                assert before.quoted_at is not None
                assert after.quoted_at is not None
                assert abs((after.quoted_at - before.quoted_at).total_seconds()) < 0.1
                assert (after.band or 0) >= (before.band or 0)

    asyncio.run(run())


def test_after_a_restart_marks_begin_with_the_last_quotes_and_their_age(bus: Bus) -> None:
    """Without a line or a quote in turn: those that Redis kept, or else the lake."""

    async def first() -> dict[int, Quote]:
        async with floor(bus, positions=60, rotation=True) as f:
            await every_option_is_marked(f)
            return dict(QuoteBoard(bus).get(held_ids(f.simulator)))

    async def again(in_lake: dict[int, Quote]) -> Mapping[int, Marked]:
        async with floor(bus, positions=60, active=0, quotes_in_lake=lambda: in_lake) as f:
            began_at = datetime.now(UTC)

            def begun() -> bool:
                found = marks_of(f).values()
                return any(one.quoted_at and one.at > began_at for one in found)

            await until(begun, timeout_s=SOON_S)
            return marks_of(f)

    quotes = asyncio.run(first())
    an_hour_ago = {
        con_id: replace(quote, observed_at=quote.observed_at - timedelta(hours=1))
        for con_id, quote in quotes.items()
    }
    by_redis = asyncio.run(again(an_hour_ago))
    bus.redis.delete(bus.key("quotes"))
    by_lake = asyncio.run(again(an_hour_ago))
    both = [
        (by_redis[con_id], by_lake[con_id])
        for con_id, quote in quotes.items()
        if con_id in by_lake
        and con_id in by_redis
        and quote.bid is not None
        and quote.ask is not None
    ]
    assert both
    assert by_redis.keys() == by_lake.keys()
    for young, old in both:
        assert young.age_s is not None
        assert old.age_s is not None
        assert young.age_s < 3600 < old.age_s
        assert old.band is not None
        assert young.band is not None
        assert old.band > young.band, (old, young)


def test_marks_are_on_the_board_again_where_redis_was_emptied(bus: Bus) -> None:
    async def run() -> None:
        async with floor(bus, positions=30, active=3, rotation=True) as f:
            await every_option_is_marked(f)
            for key in bus.redis.keys(bus.key("*")):
                bus.redis.delete(key)
            await every_option_is_marked(f)

    asyncio.run(run())
