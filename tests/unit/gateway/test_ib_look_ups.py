"""Snapshot quotes, bars and details end, one way or another."""

from __future__ import annotations

import asyncio
import gc
from decimal import Decimal
from typing import Any

import pytest

from slotwise.errors import (
    RequestRefusedError,
)
from tests.support.values import contract, option
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import STOCK, connected, refuse, with_tws
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import (
    BARS,
    CANCEL_MARKET_DATA,
    DETAILS,
    MARKET_DATA,
    ScriptedTws,
)
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.quote_ways import Settled

#: Message id of a request for executions.
EXECUTIONS = "7"


@with_tws
async def test_a_snapshot_quote_is_fresh(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """A later snapshot carries nothing over from an earlier one of the same contract."""

    def answer(fields: list[str]) -> None:
        if tws.count(MARKET_DATA) == 1:
            tws.send(1, 6, fields[2], 1, "5", 1, 0)
        tws.send(1, 6, fields[2], 4, "6", 1, 0)
        tws.send(57, 1, fields[2])

    tws.answers[MARKET_DATA] = answer
    first = await broker.snapshot_quote(STOCK, 5)
    second = await broker.snapshot_quote(STOCK, 5)
    assert (first.bid, first.last, first.source) == (Decimal(5), Decimal(6), "snapshot")
    assert (second.bid, second.last) == (None, Decimal(6))
    assert tws.count(CANCEL_MARKET_DATA) == 0


@with_tws
async def test_a_snapshot_that_does_not_end_is_cancelled(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """At the timeout what came counts, and the line is given back."""
    tws.answers[MARKET_DATA] = lambda fields: tws.send(1, 6, fields[2], 4, "6", 1, 0)
    quote = await broker.snapshot_quote(STOCK, 0.2)
    assert quote.last == Decimal(6)
    await tws.request(CANCEL_MARKET_DATA)


@with_tws
async def test_a_short_stream_ends_when_what_is_wanted_is_there(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Of a stock bid and ask, of an option the model's computation too; then it is cancelled."""

    def answer(fields: list[str]) -> None:
        tws.send(1, 6, fields[2], 1, "5", 1, 0)
        tws.send(1, 6, fields[2], 2, "6", 1, 0)

    tws.answers[MARKET_DATA] = answer
    settled = Settled()
    async with asyncio.timeout(3):
        quote = await broker.snapshot_quote(STOCK, 30, settled)
    assert (quote.bid, quote.ask, settled.last) == (Decimal(5), Decimal(6), "ask")
    await tws.request(CANCEL_MARKET_DATA)

    def compute(fields: list[str]) -> None:
        answer(fields)
        tws.send(21, fields[2], 13, 0, 0.2, 0.5, 1.0, 0.0, 0.01, 0.1, -0.02, 100.0)

    tws.answers[MARKET_DATA] = compute
    async with asyncio.timeout(3):
        quote = await broker.snapshot_quote(option(2), 30, settled)
    assert (quote.bid, quote.delta, settled.last) == (Decimal(5), 0.5, "greeks")
    assert quote.underlying_price == 100.0
    tws.answers[MARKET_DATA] = answer
    began = asyncio.get_running_loop().time()
    quote = await broker.snapshot_quote(option(3), 0.3, settled)
    assert asyncio.get_running_loop().time() - began == pytest.approx(0.3)
    assert (quote.bid, quote.delta) == (Decimal(5), None)


@with_tws
async def test_a_snapshot_gives_way_at_once(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """The cancel is on the wire before whatever is asked for next."""
    taking = asyncio.create_task(broker.snapshot_quote(STOCK, 11))
    await tws.request(MARKET_DATA)
    broker.cancel_snapshot(1)
    broker.open_line(contract(2), lambda _: None)
    assert (await taking).is_empty()
    await tws.request(MARKET_DATA, 2)
    assert [f[0] for f in tws.received][-2:] == [CANCEL_MARKET_DATA, MARKET_DATA]


@pytest.mark.parametrize("code", [101, 200, 321, 354, 10089, 10197])
def test_a_refused_snapshot_is_an_error(code: int) -> None:
    """No refusal is mistaken for an empty quote, and none is waited for."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            tws.answers[MARKET_DATA] = refuse(tws, code, "no")
            with pytest.raises(RequestRefusedError) as caught:
                async with asyncio.timeout(3):
                    await broker.snapshot_quote(STOCK, 30)
            assert (caught.value.code, caught.value.con_id) == (code, 1)

    in_virtual_time(run())


@pytest.mark.parametrize("code", [354, 10089, 10090, 10091, 10167])
@pytest.mark.parametrize("ends", [True, False])
def test_a_quote_that_comes_after_all_is_one(code: int, ends: bool) -> None:
    """A notice that TWS sent before its ticks is no refusal."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):

            def answer(fields: list[str]) -> None:
                tws.error(fields[2], code, "part of it")
                tws.send(1, 6, fields[2], 1, "2.50", 1, 0)
                tws.send(1, 6, fields[2], 2, "2.60", 1, 0)
                if ends:
                    tws.send(57, 1, fields[2])

            tws.answers[MARKET_DATA] = answer
            quote = await broker.snapshot_quote(STOCK, 0.5)
            assert (quote.bid, quote.ask) == (Decimal("2.50"), Decimal("2.60"))

    in_virtual_time(run())


@pytest.mark.parametrize("ends", [True, False])
def test_a_contested_quote_without_a_tick_is_refused(ends: bool) -> None:
    """At its end, or at its timeout, with TWS's code."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):

            def answer(fields: list[str]) -> None:
                tws.send(58, 1, fields[2], 3)
                tws.error(fields[2], 10091, "no")
                if ends:
                    tws.send(57, 1, fields[2])

            tws.answers[MARKET_DATA] = answer
            with pytest.raises(RequestRefusedError) as caught:
                await broker.snapshot_quote(STOCK, 0.5)
            assert caught.value.code == 10091

    in_virtual_time(run())


@pytest.mark.parametrize("code", [200, 321])
def test_a_refused_look_up_is_an_error(code: int) -> None:
    """Error 321 ends a look-up like any other, though ib_async calls it a warning."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            tws.answers[DETAILS] = refuse(tws, code, "no")
            with pytest.raises(RequestRefusedError) as caught:
                async with asyncio.timeout(3):
                    await broker.details(5)
            assert (caught.value.code, caught.value.con_id) == (code, 5)

    in_virtual_time(run())


@with_tws
async def test_a_bar_is_a_quote(tws: ScriptedTws, broker: IbBroker, listener: Remembering) -> None:
    """The last bar's close counts from the end of that bar."""

    def answer(fields: list[str]) -> None:
        bars = [("1780000000", "1.0"), ("1780000060", "1.25")]
        rows = [x for t, c in bars for x in (t, 1, 2, 0.5, c, 10, 1, 3)]
        tws.send(17, fields[1], "start", "end", len(bars), *rows)

    tws.answers[BARS] = answer
    quote = await broker.bar_quote(STOCK)
    assert (quote.last, quote.source) == (Decimal("1.25"), "bar")
    assert quote.observed_at.timestamp() == 1780000120


@with_tws
async def test_what_was_not_asked_for_is_not_even_decoded(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Orders, executions, account values, new kinds of message: the connection goes on."""
    for kind in (3, 5, 6, 7, 8, 11, 45, 46, 53, 55, 59, 63, 74, 81, 101, 102, 107, 204, 999):
        tws.send(kind, 1, "garbage")
    tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
    await broker.ping()
    assert listener.ends.empty()


@with_tws
async def test_nothing_grows(tws: ScriptedTws, broker: IbBroker, listener: Remembering) -> None:
    """Requests that have ended, one way or another, leave nothing behind."""

    def answer(fields: list[str]) -> None:
        if fields[-3] == "1":
            tws.send(57, 1, fields[2])

    tws.answers[MARKET_DATA] = answer
    await broker.ping()
    for con_id in range(1, 11):
        broker.open_line(option(con_id), lambda _: None)
        broker.close_line(con_id)
        await broker.snapshot_quote(option(con_id), 5)
    await tws.request(CANCEL_MARKET_DATA, 10)
    assert broker.requests_under_way() == 0


def test_an_error_of_a_request_whose_caller_was_cancelled_is_no_error_of_ours() -> None:
    """The connection ends the request as the caller goes: asyncio would report it as unread."""
    reported: list[dict[str, Any]] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, info: reported.append(info))
        async with connected() as (tws, broker, _):
            asking = asyncio.create_task(broker.executions())
            req_id = (await tws.request(EXECUTIONS))[2]
            broker.link.replies.error(int(req_id), 321, "no", "")
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            del asking
            gc.collect()

    in_virtual_time(run())
    assert reported == []
