"""What TWS says against a line that has ticked for a while: the line is tried, and TWS decides."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from slotwise.quote import Quote
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import STOCK, connected
from tests.unit.gateway.listeners import soon
from tests.unit.gateway.scripted_tws import CANCEL_MARKET_DATA, MARKET_DATA, Fields, ScriptedTws
from workers.gateway.ib.error_replies import OPENING_S
from workers.gateway.ib.errors import CONTESTED_S
from workers.gateway.ib.ib_broker import IbBroker

Quotes = asyncio.Queue[Sequence[Quote]]


def tick(tws: ScriptedTws, fields: Fields) -> None:
    """Send a price for a request."""
    tws.send(1, 6, fields[2], 4, "100", 1, 0)


async def opened(tws: ScriptedTws, broker: IbBroker) -> tuple[Quotes, Fields]:
    """Open a line that ticks, and wait until its opening is over."""
    quotes: Quotes = asyncio.Queue()
    tws.answers[MARKET_DATA] = lambda fields: tick(tws, fields)
    broker.open_line(STOCK, quotes.put_nowait)
    await soon(quotes)
    await asyncio.sleep(OPENING_S + 1)
    return quotes, await tws.request(MARKET_DATA)


@pytest.mark.parametrize("code", [103, 354, 420, 10089, 10190, 10225, 54321])
def test_a_line_that_ended_is_refused_in_the_words_of_tws(code: int) -> None:
    """It is asked for again once; where no tick comes then either, it is refused and cancelled."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            _, fields = await opened(tws, broker)
            del tws.answers[MARKET_DATA]
            tws.error(fields[2], code, "Abonnement beendet")
            con_id, refusal = await soon(listener.refusals)
            assert (con_id, refusal.code, refusal.text) == (1, code, "Abonnement beendet")
            await broker.ping()
            assert tws.count(MARKET_DATA) == tws.count(CANCEL_MARKET_DATA) == 2
            assert broker.requests_under_way() == 0

    in_virtual_time(run())


@pytest.mark.parametrize("has_ticked", [False, True])
def test_a_code_that_is_repeated_does_not_put_off_the_refusal(has_ticked: bool) -> None:
    """TWS may say the same every two seconds."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            if has_ticked:
                await opened(tws, broker)
                del tws.answers[MARKET_DATA]
            else:
                broker.open_line(STOCK, lambda _: None)
                await tws.request(MARKET_DATA)
            for _ in range(10):
                newest = [f for f in tws.received if f[0] == MARKET_DATA][-1]
                tws.error(newest[2], 354, "no")
                await asyncio.sleep(2)
            assert listener.refusals.qsize() == 1

    in_virtual_time(run())


def test_a_quiet_line_that_lives_is_kept() -> None:
    """Its price comes once more, for the same listener, and TWS has it once."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            quotes, fields = await opened(tws, broker)
            tws.error(fields[2], 10091, "once more")
            await soon(quotes)
            await asyncio.sleep(2 * CONTESTED_S)
            assert tws.count(MARKET_DATA) == 2
            assert [f[2] for f in tws.received if f[0] == CANCEL_MARKET_DATA] == [fields[2]]
            assert listener.refusals.empty()
            broker.close_line(1)
            await tws.request(CANCEL_MARKET_DATA, 2)

    in_virtual_time(run())


def test_a_line_that_ticks_on_is_not_asked_for_again() -> None:
    """The first tick after the code proves that it lives."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            _, fields = await opened(tws, broker)
            tws.error(fields[2], 354, "no")
            tick(tws, fields)
            await asyncio.sleep(3 * CONTESTED_S)
            assert (tws.count(MARKET_DATA), tws.count(CANCEL_MARKET_DATA)) == (1, 0)
            assert listener.refusals.empty()

    in_virtual_time(run())


@pytest.mark.parametrize("end", ["lost", "closed"])
def test_a_line_in_doubt_is_left_alone_when_ib_is_lost_or_it_is_closed(end: str) -> None:
    """Without IB nothing ticks, and what is closed is wanted no more."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            _, fields = await opened(tws, broker)
            tws.error(fields[2], 354, "no")
            await broker.ping()
            if end == "lost":
                tws.error(-1, 1100, "Connectivity")
            else:
                broker.close_line(1)
            await asyncio.sleep(3 * CONTESTED_S)
            assert tws.count(MARKET_DATA) == 1
            assert tws.count(CANCEL_MARKET_DATA) == (end == "closed")
            assert listener.refusals.empty()

    in_virtual_time(run())


def test_a_line_is_not_refused_while_ib_is_lost() -> None:
    """What TWS said against its opening is decided by its ticks when IB is back."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            broker.open_line(STOCK, lambda _: None)
            fields = await tws.request(MARKET_DATA)
            tws.error(fields[2], 10089, "no")
            tws.error(-1, 2110, "Connectivity")
            await asyncio.sleep(3 * CONTESTED_S)
            assert listener.refusals.empty()
            assert (tws.count(MARKET_DATA), tws.count(CANCEL_MARKET_DATA)) == (1, 0)

    in_virtual_time(run())
