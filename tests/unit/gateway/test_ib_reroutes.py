"""Message 91 is followed: TWS says where the market data of a CFD is to be asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest

from slotwise.errors import RequestRefusedError
from slotwise.quote import Quote
from tests.support.values import contract
from tests.unit.gateway.connected_broker import connected, with_tws
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import CANCEL_MARKET_DATA, MARKET_DATA, Fields, ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker

#: CFDs, and where TWS sends requests for their market data: a share, and an index.
SHARE, INDEX = contract(11, sec_type="CFD", symbol="AAPL"), contract(12, sec_type="CFD")
ROUTES = {"11": ("265598", "NASDAQ"), "12": ("416904", "CBOE")}


def rerouting(tws: ScriptedTws) -> None:
    """Answer as TWS does: a CFD with message 91 alone, what it leads to with prices."""

    def answer(fields: Fields) -> None:
        req_id, con_id = fields[2], fields[3]
        if con_id in ROUTES:
            tws.send(91, req_id, *ROUTES[con_id])
        else:
            tws.send(58, 1, req_id, 1)
            tws.send(1, 6, req_id, 1, "10", 1, 0)
            tws.send(1, 6, req_id, 2, "11", 1, 0)
            if fields[-3] == "1":
                tws.send(57, 1, req_id)

    tws.answers[MARKET_DATA] = answer


def asked(tws: ScriptedTws) -> list[tuple[str, str]]:
    """Name contract and exchange of every request for market data."""
    return [(f[3], f[10]) for f in tws.received if f[0] == MARKET_DATA]


@pytest.mark.parametrize("cfd", [SHARE, INDEX], ids=["share", "index"])
def test_rerouted_line_ticks(cfd: object) -> None:
    """It is asked for where TWS says, its quotes count for the CFD, and its close ends it."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            rerouting(tws)
            quotes: asyncio.Queue[Sequence[Quote]] = asyncio.Queue()
            broker.open_line(cfd, quotes.put_nowait)  # type: ignore[arg-type]  # parametrised
            [quote] = await soon(quotes)
            con_id = quote.con_id
            assert (con_id in (11, 12), quote.bid, quote.source) == (True, Decimal(10), "stream")
            assert asked(tws)[1] == ROUTES[str(con_id)]
            assert listener.reroutes == [(con_id, int(ROUTES[str(con_id)][0]))]
            # The first request is cancelled before the second is made.
            kinds = [f[0] for f in tws.received if f[0] in (MARKET_DATA, CANCEL_MARKET_DATA)]
            assert kinds == [MARKET_DATA, CANCEL_MARKET_DATA, MARKET_DATA]
            broker.close_line(con_id)
            cancel = await tws.request(CANCEL_MARKET_DATA, 2)
            assert cancel[2] == [f[2] for f in tws.received if f[0] == MARKET_DATA][1]
            assert broker.requests_under_way() == 0

    asyncio.run(run())


@with_tws
async def test_rerouted_snapshot_is_a_quote_of_the_cfd(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """The next one is asked for there at once, which spares two messages."""
    rerouting(tws)
    first = await broker.snapshot_quote(SHARE, 5)
    second = await broker.snapshot_quote(SHARE, 5)
    assert [(q.con_id, q.bid, q.ask) for q in (first, second)] == [
        (11, Decimal(10), Decimal(11))
    ] * 2
    assert asked(tws) == [("11", "SMART"), ("265598", "NASDAQ"), ("265598", "NASDAQ")]
    assert broker.requests_under_way() == 0


@with_tws
async def test_rerouted_snapshot_gives_way_at_once(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Its newest request is the one that is cancelled."""

    def reroute(fields: list[str]) -> None:
        if fields[3] in ROUTES:
            tws.send(91, fields[2], *ROUTES[fields[3]])

    tws.answers[MARKET_DATA] = reroute
    taking = asyncio.create_task(broker.snapshot_quote(INDEX, 11))
    request = await tws.request(MARKET_DATA, 2)
    broker.cancel_snapshot(12)
    assert (await taking).is_empty()
    assert (await tws.request(CANCEL_MARKET_DATA, 2))[2] == request[2]


@with_tws
async def test_reroutes_in_a_circle_end(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """A quote and a line are refused; nothing is asked for on and on."""
    tws.answers[MARKET_DATA] = lambda fields: tws.send(91, fields[2], "99", "SMART")
    with pytest.raises(RequestRefusedError, match="from contract to contract"):
        await broker.snapshot_quote(SHARE, 5)
    broker.open_line(SHARE, lambda _: None)
    con_id, _refusal = await soon(listener.refusals)
    await broker.ping()
    assert con_id == 11
    assert len(asked(tws)) == 6
    assert broker.requests_under_way() == 0


@with_tws
async def test_reroute_that_is_refused_is_not_kept(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """The CFD itself is asked for again the next time."""

    def answer(fields: Fields) -> None:
        if fields[3] in ROUTES:
            tws.send(91, fields[2], *ROUTES[fields[3]])
        else:
            tws.error(fields[2], 200, "No security definition has been found for the request")

    tws.answers[MARKET_DATA] = answer
    for _ in range(2):
        with pytest.raises(RequestRefusedError) as caught:
            await broker.snapshot_quote(SHARE, 5)
        assert caught.value.con_id == 11
    assert [con_id for con_id, _ in asked(tws)] == ["11", "265598", "11", "265598"]


@with_tws
async def test_reroute_of_a_request_that_ended_says_nothing(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Neither does one without a contract, and the connection goes on."""
    tws.send(91, 12345, "99", "SMART")
    tws.send(91, 1, "no number", "SMART")
    await broker.ping()
    assert (asked(tws), listener.reroutes) == ([], [])
