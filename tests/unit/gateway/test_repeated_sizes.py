"""A size that TWS sends once more is not read, and a quote is the same as if it were."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.quote import Quote
from tests.support.values import contract
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import STOCK, connected, with_tws
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import MARKET_DATA, ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.quote_builder import QuoteBuilder

NOW = datetime(2026, 6, 1, tzinfo=UTC)
#: Types of prices, live and delayed, and of the sizes that TWS repeats behind each.
SIDES = {1: 0, 2: 3, 66: 69, 67: 70}
BID, ASK, DELAYED_BID, DELAYED_ASK = SIDES
#: Types of the last price of the same feed, by the side.
LASTS = {1: 4, 2: 4, 66: 68, 67: 68}
CON_IDS = (1, 2)


class Tick(NamedTuple):
    """A price with its size, or a size alone where there is no price."""

    con_id: int
    side: int
    price: str
    size: str


def ticks_of(con_id: int, *sides: int) -> st.SearchStrategy[Tick]:
    """Return ticks of a line; sizes alone are of few values: it is their order that counts."""
    return st.builds(
        Tick,
        st.just(con_id),
        st.sampled_from(sides),
        st.sampled_from(("", "", "", "", "", "", "100.5", "100.5", "-0.25")),
        st.sampled_from(("0", "5")),
    )


#: Mostly of one side of one line; the other line is live and delayed in turn.
live = ticks_of(1, BID, BID, BID, BID, ASK)
ticks = st.lists(
    st.one_of(live, live, live, live, ticks_of(2, BID, DELAYED_BID, DELAYED_ASK)),
    min_size=20,
    max_size=60,
)


def as_if_all_were_read(sent: Sequence[Tick]) -> list[Quote]:
    builders = {con_id: QuoteBuilder(con_id, "stream") for con_id in CON_IDS}
    quotes = []
    for tick in sent:
        builder = builders[tick.con_id]
        if tick.price:
            builder.price(tick.side, tick.price, tick.size)
        else:
            builder.size(SIDES[tick.side], tick.size)
        builder.price(LASTS[tick.side], "99", "1")
        quotes.append(builder.quote(NOW))
    return quotes


async def received_by_a_broker(sent: Sequence[Tick]) -> list[Quote]:
    """Return the quote behind each tick, which a last price of its line follows."""
    received: list[Quote] = []
    newest: list[Quote] = []
    req_ids: dict[int, str] = {}
    async with connected() as (tws, broker, _):
        for number, con_id in enumerate(CON_IDS, 1):
            broker.open_line(contract(con_id), received.extend)
            req_ids[con_id] = (await tws.request(MARKET_DATA, number))[2]
        for tick in sent:
            req_id = req_ids[tick.con_id]
            packet: list[tuple[object, ...]] = [(2, 6, req_id, SIDES[tick.side], tick.size)]
            if tick.price:
                packet = [(1, 6, req_id, tick.side, tick.price, tick.size, 0)]
            for fields in (*packet, (1, 6, req_id, LASTS[tick.side], "99", "1", 0)):
                tws.send(*fields)
            await asyncio.sleep(0.01)
            newest.append(received[-1])
    return [msgspec.structs.replace(quote, observed_at=NOW) for quote in newest]


@given(ticks)
def test_a_quote_is_what_it_would_be_were_every_size_read(sent: list[Tick]) -> None:
    assert in_virtual_time(received_by_a_broker(sent)) == as_if_all_were_read(sent)


def test_the_size_before_a_repeated_one_is_news_again() -> None:
    """Nothing is left at a price, then as much as at first."""
    price = Tick(1, BID, "100.5", "5")
    sizes = [Tick(1, BID, "", size) for size in ("5", "0", "5")]
    for sent in ([price, *sizes[:2]], [price, *sizes]):
        newest = in_virtual_time(received_by_a_broker(sent))[-1]
        assert (newest.bid is None) == (sent[-1].size == "0")


#: Ticks whose last one is news, though it looks like a size that is sent once more; bid and ask
#: of line 1 afterwards.
LOOK_ALIKES = {
    "bid's size behind an ask": (
        [Tick(1, BID, "100", "5"), Tick(1, BID, "", "0"), Tick(1, ASK, "101", "5"),
         Tick(1, BID, "", "5")],
        ("100", "101"),
    ),
    "ask's size behind a bid": (
        [Tick(1, ASK, "101", "5"), Tick(1, ASK, "", "0"), Tick(1, BID, "100", "5"),
         Tick(1, ASK, "", "5")],
        ("100", "101"),
    ),
    "delayed bid's size behind a delayed ask": (
        [Tick(1, DELAYED_BID, "100", "5"), Tick(1, DELAYED_BID, "", "0"),
         Tick(1, DELAYED_ASK, "101", "5"), Tick(1, DELAYED_BID, "", "5")],
        ("100", "101"),
    ),
    "delayed ask's size behind a delayed bid": (
        [Tick(1, DELAYED_ASK, "101", "5"), Tick(1, DELAYED_ASK, "", "0"),
         Tick(1, DELAYED_BID, "100", "5"), Tick(1, DELAYED_ASK, "", "5")],
        ("100", "101"),
    ),
    "the same side of another line": (
        [Tick(1, BID, "100", "5"), Tick(1, BID, "", "0"), Tick(2, BID, "200", "5"),
         Tick(1, BID, "", "5")],
        ("100", None),
    ),
    "no size behind another line's": (
        [Tick(1, BID, "100", "5"), Tick(2, BID, "200", "0"), Tick(1, BID, "", "0")],
        (None, None),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "sides"), LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_size_that_repeats_the_price_of_another_is_read(
    sent: list[Tick], sides: tuple[str | None, str | None]
) -> None:
    quotes = in_virtual_time(received_by_a_broker(sent))
    newest = [quote for quote in quotes if quote.con_id == 1][-1]
    assert (newest.bid, newest.ask) == tuple(price and Decimal(price) for price in sides)


@pytest.mark.parametrize(("side", "size_type"), SIDES.items())
def test_a_size_that_is_sent_once_more_is_not_read(side: int, size_type: int) -> None:
    """A size that is read takes the place of its price's own; this one does not."""

    @with_tws
    async def claim(tws: ScriptedTws, broker: IbBroker, listener: Remembering) -> None:
        broker.open_line(STOCK, lambda _: None)
        req_id = (await tws.request(MARKET_DATA))[2]
        tws.send(1, 6, req_id, side, "100.5", "5", 0)
        tws.send(2, 6, req_id, size_type, "5")
        await broker.ping()
        repeated = "".join(f"{field}\0" for field in (2, 6, req_id, size_type, 5))
        assert broker.link.replies.ticks.repeated_size == repeated.encode()
        tws.send(2, 6, req_id, size_type, "7")
        await broker.ping()
        assert broker.link.replies.ticks.repeated_size == b""

    claim()
