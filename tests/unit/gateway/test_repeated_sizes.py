"""A size that TWS says once more is not read, and a quote says the same as if it were."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from slotwise.quote import Quote
from tests.support.values import contract
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import connected
from tests.unit.gateway.scripted_tws import MARKET_DATA
from workers.gateway.ib.quote_builder import LAST, QuoteBuilder

NOW = datetime(2026, 6, 1, tzinfo=UTC)
#: Types of prices, live and delayed, and of the sizes that TWS repeats behind each.
SIDES = {1: 0, 2: 3, 66: 69, 67: 70}
CON_IDS = (1, 2)


class Said(NamedTuple):
    """One tick: a price with its size, or a size alone where there is no price."""

    con_id: int
    side: int
    price: str
    size: str


ticks = st.lists(
    st.builds(
        Said,
        st.sampled_from(CON_IDS),
        st.sampled_from(list(SIDES)),
        st.sampled_from(("", "100.5", "-1", "-0.25", "0")),
        st.sampled_from(("0", "5", "7", "")),
    ),
    max_size=12,
)


def as_if_all_were_read(said: Sequence[Said]) -> dict[int, Quote]:
    builders = {con_id: QuoteBuilder(con_id, "stream") for con_id in CON_IDS}
    for one in said:
        if one.price:
            builders[one.con_id].price(one.side, one.price, one.size)
        else:
            builders[one.con_id].size(SIDES[one.side], one.size)
    return {con_id: builder.quote(NOW) for con_id, builder in builders.items()}


async def heard_by_a_broker(said: Sequence[Said], in_one_packet: bool) -> dict[int, Quote]:
    newest: dict[int, Quote] = {}
    req_ids: dict[int, str] = {}
    async with connected() as (tws, broker, _):
        for number, con_id in enumerate(CON_IDS, 1):
            broker.open_line(
                contract(con_id),
                lambda quotes: newest.update((quote.con_id, quote) for quote in quotes),
            )
            req_ids[con_id] = (await tws.request(MARKET_DATA, number))[2]
        for one in said:
            req_id = req_ids[one.con_id]
            if one.price:
                tws.send(1, 6, req_id, one.side, one.price, one.size, 0)
            else:
                tws.send(2, 6, req_id, SIDES[one.side], one.size)
            if not in_one_packet:
                await asyncio.sleep(0.01)
        for con_id in CON_IDS:
            # A last price of each, so that each says what it knows.
            tws.send(1, 6, req_ids[con_id], LAST, "99", "1", 0)
        await asyncio.sleep(0.01)
    return newest


@given(ticks, st.booleans())
def test_a_quote_is_what_it_would_be_were_every_size_read(
    said: list[Said], in_one_packet: bool
) -> None:
    last = [Said(con_id, LAST, "99", "1") for con_id in CON_IDS]
    want = as_if_all_were_read([*said, *last])
    got = in_virtual_time(heard_by_a_broker(said, in_one_packet))
    assert {c: msgspec.structs.replace(q, observed_at=NOW) for c, q in got.items()} == want


def test_the_size_before_a_repeated_one_is_news_again() -> None:
    """Nothing is left at a price, then as much as at first."""
    price = Said(1, 1, "100.5", "5")
    sizes = [Said(1, 1, "", size) for size in ("5", "0", "5")]
    for said in ([price, *sizes[:2]], [price, *sizes]):
        got = in_virtual_time(heard_by_a_broker(said, in_one_packet=True))
        assert (got[1].bid is None) == (said[-1].size == "0")
