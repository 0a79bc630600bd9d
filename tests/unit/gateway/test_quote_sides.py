"""A side of which nothing is left is not quoted, and is again once there is something."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.quote import Quote
from tests.support.values import NOON
from tests.unit.gateway.connected_broker import STOCK, with_tws
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import MARKET_DATA, ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.quote_builder import CLOSE, LAST, QuoteBuilder
from workers.gateway.quote_ways import Settled

#: Types of prices of sides, live and delayed, with the type of each one's size.
SIDES = {1: 0, 2: 3, 66: 69, 67: 70}

prices = st.decimals(-200, 200, places=2).map(str)
#: Sizes as TWS sends them, by themselves.
sizes = st.lists(st.sampled_from(("0", "5", "500", "0.5")), max_size=5)


def sides_of(quote: Quote) -> tuple[Decimal | None, Decimal | None]:
    return quote.bid, quote.ask


@with_tws
async def test_sides_that_come_with_a_size_of_0_are_quoted_once_their_sizes_follow(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """TWS sends each price's size once more, and then the size that there is."""
    received: list[Quote] = []
    broker.open_line(STOCK, received.extend)
    req_id = (await tws.request(MARKET_DATA))[2]
    for kind, price in ((1, "60"), (2, "60.2")):
        tws.send(1, 6, req_id, kind, price, 0, 0)
        tws.send(2, 6, req_id, SIDES[kind], 0)
    tws.send(1, 6, req_id, 9, "59", 0, 0)
    await broker.ping()
    assert received[-1].price() == (Decimal(59), "close")
    tws.send(2, 6, req_id, 0, 500)
    tws.send(2, 6, req_id, 3, 600)
    await broker.ping()
    quote = received[-1]
    assert sides_of(quote) == (Decimal(60), Decimal("60.2"))
    assert (quote.bid_size, quote.ask_size) == (Decimal(500), Decimal(600))


@pytest.mark.parametrize("none", ["-1", "-1.0", "0", "0.0", "-100", "-100.0"])
@pytest.mark.parametrize(("kind", "size_type"), SIDES.items())
def test_a_number_for_no_side_is_no_price_whatever_size_follows(
    none: str, kind: int, size_type: int
) -> None:
    builder = QuoteBuilder(1, "stream")
    builder.price(kind, none, "0")
    assert not builder.size(size_type, "500")
    assert sides_of(builder.quote(NOON)) == (None, None)


@given(st.sampled_from(list(SIDES)), prices, st.sampled_from(("0", "5")), sizes)
def test_a_size_counts_the_same_with_its_price_and_behind_it(
    kind: int, price: str, first: str, later: Sequence[str]
) -> None:
    """Of every price that is not TWS's number for none."""
    if Decimal(price) in (0, -1, -100):
        price = "1.5"
    together, apart = QuoteBuilder(1, "stream"), QuoteBuilder(1, "stream")
    together.price(kind, price, first)
    apart.price(kind, price, "7")
    apart.size(SIDES[kind], first)
    for size in later:
        together.size(SIDES[kind], size)
        apart.size(SIDES[kind], size)
    assert together.quote(NOON) == apart.quote(NOON)
    is_there = [first, *later][-1] != "0"
    assert (Decimal(price) in sides_of(together.quote(NOON))) == is_there


def test_a_price_below_zero_counts_as_one_once_its_size_follows() -> None:
    """Only then is a last of -1 more than TWS's number for none."""
    builder = QuoteBuilder(1, "stream")
    builder.price(LAST, "-1", "0")
    builder.price(CLOSE, "-1", "0")
    builder.price(1, "-1.5", "0")
    assert builder.quote(NOON).is_empty()
    builder.size(0, "2")
    quote = builder.quote(NOON)
    assert (quote.bid, quote.last, quote.close) == (Decimal("-1.5"), Decimal(-1), Decimal(-1))


@pytest.mark.parametrize("way", ["with its price", "behind its price"])
def test_a_quote_is_not_whole_while_nothing_is_left_of_a_side(way: str) -> None:
    """Of a stock: a short stream waits for the size that follows."""
    builder = QuoteBuilder(1, "snapshot")
    builder.price(2, "60.2", "6")
    builder.price(1, "60", "0" if way == "with its price" else "5")
    if way == "behind its price":
        assert builder.is_whole("STK")
        builder.size(0, "0")
    assert not builder.is_whole("STK")
    builder.size(0, "500")
    assert builder.is_whole("STK")


@with_tws
async def test_a_short_stream_ends_with_the_size_that_gives_a_side_back(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """That side is what came last."""

    def answer(fields: list[str]) -> None:
        tws.send(1, 6, fields[2], 2, "60.2", 6, 0)
        tws.send(1, 6, fields[2], 1, "60", 0, 0)
        tws.send(2, 6, fields[2], 0, 500)

    tws.answers[MARKET_DATA] = answer
    settled = Settled()
    async with asyncio.timeout(3):
        quote = await broker.snapshot_quote(STOCK, 30, settled)
    assert sides_of(quote) == (Decimal(60), Decimal("60.2"))
    assert settled.last == "bid"
