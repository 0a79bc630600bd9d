"""A quote is of one feed, live or delayed, whatever TWS announces in mid-request."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.quote import Quote
from tests.support.values import NOON
from tests.unit.gateway.connected_broker import STOCK, with_tws
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import MARKET_DATA, ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.quote_builder import QuoteBuilder

#: Types of data that `marketDataType` announces.
LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4
#: Types of prices of each feed: bid, ask, last, close.
LIVE_PRICES, DELAYED_PRICES = (1, 2, 4, 9), (66, 67, 68, 75)
#: Types of sizes of each feed: bid, ask.
LIVE_SIZES, DELAYED_SIZES = (0, 3), (69, 70)


class Message(NamedTuple):
    """A price, the size of a side, or the type of data; `text` is what it carries."""

    what: str
    kind: int
    text: str


def sent_to(builder: QuoteBuilder, messages: Sequence[Message]) -> Quote:
    """Return the quote after some messages."""
    for what, kind, text in messages:
        if what == "type":
            builder.market_data_type(kind)
        elif what == "size":
            builder.size(kind, text)
        else:
            builder.price(kind, text, "5")
    return builder.quote(NOON)


def feed_of(kind: int) -> str:
    return "delayed" if kind in (*DELAYED_PRICES, *DELAYED_SIZES) else "live"


types = st.builds(
    Message, st.just("type"), st.sampled_from((LIVE, FROZEN, DELAYED, DELAYED_FROZEN)), st.just("")
)
#: Prices of the live feed are from 100 to 110, those of the delayed one from 200 to 210.
live = st.builds(
    Message,
    st.just("price"),
    st.sampled_from(LIVE_PRICES),
    st.integers(100, 110).map(str),
)
delayed = st.builds(
    Message,
    st.just("price"),
    st.sampled_from(DELAYED_PRICES),
    st.integers(200, 210).map(str),
)
sizes = st.builds(
    Message,
    st.just("size"),
    st.sampled_from(LIVE_SIZES + DELAYED_SIZES),
    st.sampled_from(("0", "7")),
)
messages = st.lists(st.one_of(types, live, live, delayed, delayed, sizes), max_size=25)


def prices_of(quote: Quote) -> set[Decimal]:
    prices = (quote.bid, quote.ask, quote.last, quote.close)
    return {price for price in prices if price is not None}


@given(messages)
def test_a_quote_never_has_prices_of_two_feeds(sent: list[Message]) -> None:
    """And says that it is delayed just where they are."""
    quote = sent_to(QuoteBuilder(1, "stream"), sent)
    assert {price >= 200 for price in prices_of(quote)} <= {quote.delayed}


@given(messages, st.sampled_from((LIVE, DELAYED)), messages)
def test_a_quote_is_made_of_what_the_announced_feed_sent_since_the_change(
    before: list[Message], announced: int, after: list[Message]
) -> None:
    """Ticks of the other feed that come once it has sent a price are left out."""
    other = [Message("type", DELAYED, ""), Message("price", 68, "205")]
    change = [Message("type", LIVE, ""), Message("price", 4, "105")]
    if announced == DELAYED:
        other, change = change, other
    ticks = [message for message in after if message.what != "type"]
    own = [tick for tick in ticks if feed_of(tick.kind) == feed_of(change[1].kind)]
    mixed = sent_to(QuoteBuilder(1, "stream"), [*before, *other, *change, *ticks])
    assert mixed == sent_to(QuoteBuilder(1, "stream"), [*change, *own])


@given(messages, st.data())
def test_the_same_type_once_more_changes_nothing(sent: list[Message], data: st.DataObject) -> None:
    """Recorded: TWS repeats it, before and after the first ticks."""
    repeated: list[Message] = []
    announced: Message | None = None
    for message in sent:
        announced = message if message.what == "type" else announced
        repeated.append(message)
        if announced is not None and data.draw(st.booleans()):
            repeated.append(announced)
    expected = sent_to(QuoteBuilder(1, "stream"), sent)
    assert sent_to(QuoteBuilder(1, "stream"), repeated) == expected


@pytest.mark.parametrize(
    ("first", "second"), [(LIVE, FROZEN), (FROZEN, LIVE), (DELAYED, DELAYED_FROZEN)]
)
def test_a_market_that_closes_or_opens_keeps_what_is_known(first: int, second: int) -> None:
    """Frozen prices are the last ones of the same feed."""
    kind = 1 if first in (LIVE, FROZEN) else 66
    builder = QuoteBuilder(1, "stream")
    sent = [Message("type", first, ""), Message("price", kind, "50"), Message("type", second, "")]
    assert sent_to(builder, sent).bid == 50


@pytest.mark.parametrize(("kind", "model", "announced"), [(1, 13, LIVE), (66, 83, DELAYED)])
def test_what_comes_before_the_type_of_its_own_feed_stays(
    kind: int, model: int, announced: int
) -> None:
    builder = QuoteBuilder(1, "stream")
    builder.greeks(model, 0.2, 0.5, 0.01, 0.1, -0.02, 100.0)
    quote = sent_to(builder, [Message("price", kind, "50"), Message("type", announced, "")])
    assert (quote.bid, quote.delta) == (Decimal(50), 0.5)
    assert quote.delayed == (announced == DELAYED)


@pytest.mark.parametrize(("kind", "other_size"), [(1, 69), (2, 70), (66, 0), (67, 3)])
def test_a_size_of_the_other_feed_says_nothing(kind: int, other_size: int) -> None:
    builder = QuoteBuilder(1, "stream")
    there = sent_to(builder, [Message("price", kind, "50")])
    for size in ("0", "7"):
        assert not builder.size(other_size, size)
        assert builder.quote(NOON) == there


def test_prices_of_the_other_feed_count_while_the_announced_one_sends_none() -> None:
    """Marked as what they are; the first price of the announced feed takes their place."""
    builder = QuoteBuilder(1, "stream")
    announced = Message("type", LIVE, "")
    quote = sent_to(builder, [announced, Message("price", 66, "50"), announced])
    assert (quote.bid, quote.delayed) == (Decimal(50), True)
    quote = sent_to(builder, [Message("price", 2, "60.2"), Message("price", 66, "50.1")])
    assert (quote.bid, quote.ask, quote.delayed) == (None, Decimal("60.2"), False)


@pytest.mark.parametrize(
    ("before", "model", "after"), [(DELAYED, 83, LIVE), (LIVE, 13, DELAYED_FROZEN)]
)
def test_computations_of_the_other_feed_are_dropped_at_a_change(
    before: int, model: int, after: int
) -> None:
    builder = QuoteBuilder(1, "stream")
    builder.market_data_type(before)
    builder.greeks(model, 0.2, 0.5, 0.01, 0.1, -0.02, 100.0)
    builder.market_data_type(before)
    assert builder.quote(NOON).delta == 0.5
    builder.market_data_type(after)
    quote = builder.quote(NOON)
    assert (quote.iv, quote.delta, quote.gamma, quote.vega, quote.theta) == (None,) * 5
    assert quote.underlying_price is None


def test_a_computation_of_the_other_number_counts() -> None:
    """Of an option that is live where its underlying is delayed; its prices stay."""
    builder = QuoteBuilder(1, "stream")
    sent_to(builder, [Message("type", LIVE, ""), Message("price", 1, "5")])
    assert builder.greeks(83, 0.2, 0.5, 0.01, 0.1, -0.02, 100.0)
    quote = builder.quote(NOON)
    assert (quote.bid, quote.delta, quote.delayed) == (Decimal(5), 0.5, False)
    assert quote.underlying_price is None, "it is of 15 minutes ago, and the quote is live"


def test_computations_that_are_dropped_alone_are_a_change_too() -> None:
    """So the line's quote is handed on without them at once."""
    builder = QuoteBuilder(1, "stream")
    sent_to(builder, [Message("type", DELAYED, ""), Message("price", 1, "5")])
    builder.greeks(83, 0.2, 0.5, 0.01, 0.1, -0.02, 100.0)
    assert builder.market_data_type(LIVE)
    assert not builder.market_data_type(LIVE)
    assert (builder.quote(NOON).bid, builder.quote(NOON).delta) == (Decimal(5), None)


@with_tws
async def test_a_line_is_without_a_price_between_two_feeds(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """It says so at once: what was delayed is no price of the live feed."""
    received: list[Quote] = []
    broker.open_line(STOCK, received.extend)
    req_id = (await tws.request(MARKET_DATA))[2]
    tws.send(58, 1, req_id, DELAYED)
    for kind, price in ((66, "50"), (67, "50.2"), (68, "50.1")):
        tws.send(1, 6, req_id, kind, price, 5, 0)
    await broker.ping()
    assert (received[-1].price(), received[-1].delayed) == ((Decimal("50.1"), "mid"), True)
    tws.send(58, 1, req_id, LIVE)
    await broker.ping()
    assert (received[-1].is_empty(), received[-1].delayed) == (True, False)
    count = len(received)
    tws.send(58, 1, req_id, LIVE)
    await broker.ping()
    assert len(received) == count
    tws.send(1, 6, req_id, 1, "49.9", 5, 0)
    await broker.ping()
    quote = received[-1]
    assert (quote.bid, quote.ask, quote.last) == (Decimal("49.9"), None, None)
    assert not quote.delayed
