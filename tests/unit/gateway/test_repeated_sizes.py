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
        # Mostly one side of one line, and sizes alone of few values: it is their order that counts.
        st.sampled_from((1, 1, 1, 1, 1, 2)),
        st.sampled_from((1, 1, 1, 1, 1, 2, 66, 67)),
        st.sampled_from(("", "", "", "", "", "", "100.5", "100.5", "-0.25")),
        st.sampled_from(("0", "5")),
    ),
    min_size=20,
    max_size=60,
)


def as_if_all_were_read(said: Sequence[Said]) -> list[Quote]:
    builders = {con_id: QuoteBuilder(con_id, "stream") for con_id in CON_IDS}
    quotes = []
    for one in said:
        builder = builders[one.con_id]
        if one.price:
            builder.price(one.side, one.price, one.size)
        else:
            builder.size(SIDES[one.side], one.size)
        builder.price(LAST, "99", "1")
        quotes.append(builder.quote(NOW))
    return quotes


async def heard_by_a_broker(said: Sequence[Said]) -> list[Quote]:
    """Return the quote behind each tick: a last price of its line comes in the same packet."""
    heard: list[Quote] = []
    req_ids: dict[int, str] = {}
    async with connected() as (tws, broker, _):
        for number, con_id in enumerate(CON_IDS, 1):
            broker.open_line(contract(con_id), heard.extend)
            req_ids[con_id] = (await tws.request(MARKET_DATA, number))[2]
        for one in said:
            req_id = req_ids[one.con_id]
            packet: list[tuple[object, ...]] = [(2, 6, req_id, SIDES[one.side], one.size)]
            if one.price:
                packet = [(1, 6, req_id, one.side, one.price, one.size, 0)]
            for fields in (*packet, (1, 6, req_id, LAST, "99", "1", 0)):
                tws.send(*fields)
            await asyncio.sleep(0.01)
    return [msgspec.structs.replace(quote, observed_at=NOW) for quote in heard]


@given(ticks)
def test_a_quote_is_what_it_would_be_were_every_size_read(said: list[Said]) -> None:
    assert states(in_virtual_time(heard_by_a_broker(said))) == states(as_if_all_were_read(said))


def states(quotes: Sequence[Quote]) -> list[Quote]:
    """Return quotes without those that repeat the one before."""
    return [q for n, q in enumerate(quotes) if n == 0 or q != quotes[n - 1]]


def test_the_size_before_a_repeated_one_is_news_again() -> None:
    """Nothing is left at a price, then as much as at first."""
    price = Said(1, 1, "100.5", "5")
    sizes = [Said(1, 1, "", size) for size in ("5", "0", "5")]
    for said in ([price, *sizes[:2]], [price, *sizes]):
        newest = in_virtual_time(heard_by_a_broker(said))[-1]
        assert (newest.bid is None) == (said[-1].size == "0")
