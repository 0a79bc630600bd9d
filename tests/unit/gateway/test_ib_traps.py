"""Traps of ib_async and TWS that have no other place: what is never sent, and what is harmless.

`docs/architecture.md` lists every trap with its guard and its test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from slotwise.errors import BrokerError
from slotwise.quote import Quote
from tests.support.values import contract
from tests.unit.gateway.connected_broker import STOCK, with_tws
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import (
    CURRENT_TIME,
    DETAILS,
    MARKET_DATA,
    POSITIONS,
    START_API,
    ScriptedTws,
)
from workers.gateway.broker import Upstream
from workers.gateway.ib.ib_broker import IbBroker


@with_tws
async def test_1102_asks_for_no_account_summary(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """ib_async's IB sends one after each, cancels none, and TWS refuses the third (322)."""
    for _ in range(4):
        tws.error(-1, 1102, "restored")
        assert (await soon(listener.upstream))[0] is Upstream.BACK
    await broker.ping()
    assert {fields[0] for fields in tws.received} == {START_API, CURRENT_TIME}


@with_tws
async def test_replies_without_a_request_change_nothing(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Late ends, ticks of unknown types and requests, an answer to no question: lines tick on."""
    quotes: asyncio.Queue[Sequence[Quote]] = asyncio.Queue()
    broker.open_line(STOCK, quotes.put_nowait)
    req_id = (await tws.request(MARKET_DATA))[2]
    tws.send(52, 1, 999)
    tws.send(57, 1, 999)
    tws.send(17, 999, "20260601", "20260602", 0)
    tws.send(1, 6, 999, 4, "100", 1, 0)
    tws.send(1, 6, req_id, 250, "100", 1, 0)
    tws.send(46, 6, req_id, 250, "text")
    tws.send(58, 1, 999, 1)
    tws.send(49, 1, 1_780_000_000)
    tws.error(999, 354, "of no request")
    tws.send(1, 6, req_id, 4, "101", 1, 0)
    [quote] = await soon(quotes)
    assert str(quote.last) == "101"
    assert quotes.empty()
    assert broker.requests_under_way() == 1


@with_tws
async def test_a_listener_that_fails_does_not_stop_the_others(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Handlers run inside the reading of the socket: their mistakes end there."""
    reported: asyncio.Queue[Sequence[Quote]] = asyncio.Queue()

    def fail(quotes: Sequence[Quote]) -> None:
        raise RuntimeError("a bug")

    broker.open_line(STOCK, fail)
    other = contract(2)
    broker.open_line(other, reported.put_nowait)
    req_ids = [(await tws.request(MARKET_DATA, n))[2] for n in (1, 2)]
    for req_id in req_ids:
        tws.send(1, 6, req_id, 4, "100", 1, 0)
    [quote] = await soon(reported)
    assert quote.con_id == 2
    assert broker.requests_under_way() == 2


@with_tws
async def test_questions_for_the_time_are_matched_by_their_order(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """They have no ids: ib_async's second orphans the first, here each gets its own answer."""
    numbers: list[int] = []
    for number in range(3):
        broker.mark(partial(numbers.append, number))
    await broker.ping()
    await tws.request(CURRENT_TIME, 4)
    await broker.ping()
    assert numbers == [0, 1, 2]


@with_tws
async def test_a_look_up_that_is_never_answered_ends(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Cancelled by who asked, it leaves nothing behind."""
    asking = asyncio.create_task(broker.details(7))
    await tws.request(DETAILS)
    assert broker.requests_under_way() == 1
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert broker.requests_under_way() == 0


@with_tws
async def test_a_stream_that_is_out_of_step_is_cut_and_made_again(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Else bytes that keep coming would look like a TWS that is well."""
    asked = asyncio.ensure_future(broker.positions())
    await tws.request(POSITIONS)
    tws.position(1)
    tws.send_raw(b"62\0001\0")
    reason = await soon(listener.ends)
    assert reason == "bytes that are no messages of TWS came over the connection"
    with pytest.raises(BrokerError, match="no messages"):
        await asked
    await broker.connect(5)
    await broker.ping()
