"""Lines tick, are refused and end, and none is held twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest

from slotwise.errors import (
    BrokerError,
)
from slotwise.quote import Quote
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import STOCK, connected, refuse, with_tws
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import (
    CANCEL_MARKET_DATA,
    MARKET_DATA,
    ScriptedTws,
)
from workers.gateway.broker import Cause, Upstream
from workers.gateway.ib.ib_broker import IbBroker


@with_tws
async def test_a_line_ticks(tws: ScriptedTws, broker: IbBroker, listener: Remembering) -> None:
    """Ticks become quotes in our values, one for all that came in a packet."""
    quotes: asyncio.Queue[Sequence[Quote]] = asyncio.Queue()

    def answer(fields: list[str]) -> None:
        req_id = fields[2]
        tws.send(1, 6, req_id, 1, "100.1", 5, 0)
        tws.send(1, 6, req_id, 2, "100.3", 5, 0)
        tws.send(1, 6, req_id, 4, "-1", 0, 0)

    tws.answers[MARKET_DATA] = answer
    broker.open_line(STOCK, quotes.put_nowait)
    [quote] = await soon(quotes)
    assert (quote.bid, quote.ask, quote.last) == (Decimal("100.1"), Decimal("100.3"), None)
    assert (quote.con_id, quote.source) == (1, "stream")


@with_tws
async def test_a_line_is_asked_for_once(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """A second line of a contract is refused here: TWS would hold both."""
    broker.open_line(STOCK, lambda _: None)
    with pytest.raises(BrokerError):
        broker.open_line(STOCK, lambda _: None)
    broker.close_line(1)
    broker.close_line(1)
    broker.open_line(STOCK, lambda _: None)
    await tws.request(MARKET_DATA, 2)
    assert tws.count(CANCEL_MARKET_DATA) == 1


@pytest.mark.parametrize(
    ("code", "full", "cancelled"),
    [(101, True, True), (200, False, False), (321, False, False), (354, False, True)],
)
def test_a_refused_line_is_reported(code: int, full: bool, cancelled: bool) -> None:
    """Each refusal reaches the listener; where TWS may keep the request, it is cancelled."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            tws.answers[MARKET_DATA] = refuse(tws, code, "no\nway")
            broker.open_line(STOCK, lambda _: None)
            con_id, refusal = await soon(listener.refusals)
            assert (con_id, refusal.code, refusal.text) == (1, code, "no way")
            assert refusal.full is full
            await broker.ping()
            assert (tws.count(CANCEL_MARKET_DATA) == 1) is cancelled
            broker.open_line(STOCK, lambda _: None)

    in_virtual_time(run())


@with_tws
async def test_delayed_data_is_no_refusal(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """After 10167 the line lives on, and its quotes say that they are delayed."""
    quotes: asyncio.Queue[Sequence[Quote]] = asyncio.Queue()

    def answer(fields: list[str]) -> None:
        tws.error(fields[2], 10167, "Displaying delayed market data.")
        tws.send(58, 1, fields[2], 3)
        tws.send(1, 6, fields[2], 68, "99.5", 1, 0)

    tws.answers[MARKET_DATA] = answer
    broker.open_line(STOCK, quotes.put_nowait)
    [quote] = await soon(quotes)
    assert (quote.last, quote.delayed) == (Decimal("99.5"), True)
    assert listener.refusals.empty()


@pytest.mark.parametrize("code", [354, 2188, 10089, 10090, 10091, 10167, 54321])
@pytest.mark.parametrize("first", ["58 before", "58 after", "no 58"])
def test_ticks_that_come_prove_that_a_line_lives(code: int, first: str) -> None:
    """Whatever notice TWS sent: the ticks that arrive decide, in every order."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            quotes: asyncio.Queue[Sequence[Quote]] = asyncio.Queue()

            def answer(fields: list[str]) -> None:
                req_id = fields[2]
                if first == "58 before":
                    tws.send(58, 1, req_id, 3)
                tws.error(req_id, code, "Ein Teil der Marktdaten ist nicht abonniert")
                if first == "58 after":
                    tws.send(58, 1, req_id, 3)
                tws.send(1, 6, req_id, 68, "99.5", 1, 0)
                tws.error(req_id, code, "once more")

            tws.answers[MARKET_DATA] = answer
            broker.open_line(STOCK, quotes.put_nowait)
            [quote] = await soon(quotes)
            assert quote.last == Decimal("99.5")
            await broker.ping()
            assert listener.refusals.empty()
            assert broker.requests_under_way() == 1

    in_virtual_time(run())


@with_tws
async def test_a_contested_line_without_a_tick_is_refused_after_a_while(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Not at once, and the market data type alone is no tick."""

    def answer(fields: list[str]) -> None:
        tws.send(58, 1, fields[2], 3)
        tws.error(fields[2], 10089, "no")

    tws.answers[MARKET_DATA] = answer
    broker.open_line(STOCK, lambda _: None)
    await tws.request(MARKET_DATA)
    await broker.ping()
    assert listener.refusals.empty()
    con_id, refusal = await soon(listener.refusals)
    assert (con_id, refusal.code, refusal.cause) == (1, 10089, Cause.PERMISSION)
    await tws.request(CANCEL_MARKET_DATA)


@with_tws
async def test_ticks_after_the_cancel_belong_to_no_line(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Ticks in flight at the cancel, and error 300 for it, disturb nothing."""
    quotes: list[Sequence[Quote]] = []
    broker.open_line(STOCK, quotes.append)
    req_id = (await tws.request(MARKET_DATA))[2]
    broker.close_line(1)
    await tws.request(CANCEL_MARKET_DATA)
    tws.send(1, 6, req_id, 4, "100", 1, 0)
    tws.error(req_id, 300, "Can't find EId with tickerId")
    await broker.ping()
    assert quotes == []


@with_tws
async def test_upstream_is_reported(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """1100, 1101 and 1102 are reported; 1101 takes the lines, so they can be asked for again."""
    quotes: asyncio.Queue[Sequence[Quote]] = asyncio.Queue()
    tws.answers[MARKET_DATA] = lambda fields: tws.send(1, 6, fields[2], 4, "100", 1, 0)
    broker.open_line(STOCK, quotes.put_nowait)
    await soon(quotes)
    for code in (1100, 1102, 1101):
        tws.error(-1, code, "Connectivity")
    states = [(await soon(listener.upstream))[0] for _ in range(3)]
    assert states == [Upstream.LOST, Upstream.BACK, Upstream.BACK_EMPTY]
    broker.open_line(STOCK, lambda _: None)
    await tws.request(MARKET_DATA, 2)
    assert tws.count(CANCEL_MARKET_DATA) == 0


@with_tws
async def test_a_tick_in_the_packet_of_the_loss_came_before_it(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Else the line would seem to tick on while TWS is without IB."""
    events = listener.notes
    broker.open_line(STOCK, lambda quotes: events.append(f"tick {quotes[-1].last}"))
    req_id = (await tws.request(MARKET_DATA))[2]
    tws.send(1, 6, req_id, 4, "100", 1, 0)
    tws.error(-1, 1100, "Connectivity")
    await broker.ping()
    assert events == ["tick 100", "LOST"]


@with_tws
async def test_a_mark_is_reported_after_all_that_came_before_it(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """A refusal that TWS sent before it read the mark arrives before it; marks keep their order."""
    events = listener.notes
    tws.answers[MARKET_DATA] = refuse(tws, 101, "full")
    broker.open_line(STOCK, lambda _: None)
    broker.mark(lambda: events.append("first"))
    await broker.ping()
    broker.mark(lambda: events.append("second"))
    await broker.ping()
    assert events == ["refused 101", "first", "second"]


@with_tws
async def test_a_line_under_way_when_ib_lost_its_data_is_cancelled(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """TWS may take it up after the notice, and it would never be given back."""
    broker.open_line(STOCK, lambda _: None)
    req_id = (await tws.request(MARKET_DATA))[2]
    tws.error(-1, 1101, "Connectivity restored, data lost")
    await soon(listener.upstream)
    broker.open_line(STOCK, lambda _: None)
    await tws.request(MARKET_DATA, 2)
    assert (await tws.request(CANCEL_MARKET_DATA))[2] == req_id
    assert tws.count(CANCEL_MARKET_DATA) == 1


@pytest.mark.parametrize("loss", [1100, 2110, None])
def test_1101_cancels_what_was_asked_for_since_the_loss(loss: int | None) -> None:
    """Only what was open at the loss is gone for sure; else a second 1101 would leak each line."""

    async def run() -> None:
        async with connected() as (tws, broker, _):
            tws.answers[MARKET_DATA] = lambda fields: tws.send(1, 6, fields[2], 4, "100", 1, 0)
            held: set[str] = set()
            first = (1101,) if loss is None else (loss, 1101)
            for number, codes in enumerate(((), first, (1101,), (1101,)), 1):
                for code in codes:
                    tws.error(-1, code, "Connectivity")
                await broker.ping()
                if loss is not None and number == 2:
                    held.clear()
                quotes: asyncio.Queue[Sequence[Quote]] = asyncio.Queue()
                broker.open_line(STOCK, quotes.put_nowait)
                await soon(quotes)
                held.add((await tws.request(MARKET_DATA, number))[2])
            cancelled = {f[2] for f in tws.received if f[0] == CANCEL_MARKET_DATA}
            assert len(held - cancelled) == 1, "TWS has the contract on one line"
            assert tws.count(CANCEL_MARKET_DATA) == (3 if loss is None else 2)

    in_virtual_time(run())
