"""The IB broker keeps its promises whatever the peer does or leaves undone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from slotwise.errors import (
    BrokerError,
    BrokerTimeoutError,
    BrokerUnreachableError,
    RequestRefusedError,
)
from slotwise.quote import Quote
from tests.support.values import contract, option
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import (
    BARS,
    CANCEL_MARKET_DATA,
    DETAILS,
    MARKET_DATA,
    POSITIONS,
    START_API,
    ScriptedTws,
)
from workers.gateway.broker import Upstream
from workers.gateway.ib.connection import IbBroker
from workers.gateway.ib.patience import Patience

STOCK = contract(1, primary_exchange="NASDAQ")


@asynccontextmanager
async def connected(
    patience: Patience | None = None,
) -> AsyncIterator[tuple[ScriptedTws, IbBroker, Remembering]]:
    async with ScriptedTws() as tws:
        broker, listener = IbBroker("127.0.0.1", tws.port, 7, patience), Remembering()
        broker.listen(listener)
        await broker.connect(5)
        try:
            yield tws, broker, listener
        finally:
            await broker.disconnect()


def with_tws(
    test: Callable[[ScriptedTws, IbBroker, Remembering], Awaitable[None]],
) -> Callable[[], None]:
    """Run a test against a connected peer."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            await test(tws, broker, listener)

    def claim() -> None:
        asyncio.run(run())

    claim.__doc__ = test.__doc__
    return claim


def refuse(tws: ScriptedTws, code: int, text: str) -> Callable[[list[str]], None]:
    return lambda fields: tws.error(fields[2], code, text)


# Connecting


@with_tws
async def test_only_the_handshake_is_sent(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """No positions, orders or account values are asked for at the start."""
    await broker.ping()
    assert [fields[0] for fields in tws.received] == [START_API, "49"]


def test_nobody_listens() -> None:
    """A refused connection says where, why and what to do, in one line."""

    async def run() -> None:
        async with ScriptedTws() as tws:
            port = tws.port
        broker = IbBroker("127.0.0.1", port, 7)
        broker.listen(Remembering())
        with pytest.raises(BrokerUnreachableError) as caught:
            await broker.connect(5)
        text = str(caught.value)
        assert text.startswith(f"no TWS or IB Gateway answers at 127.0.0.1:{port} (connection")
        assert "SLOTWISE_IB_PORT" in text
        assert "\n" not in text

    asyncio.run(run())


def test_something_silent_listens() -> None:
    """A port where something else listens is told apart from one where nothing does."""

    async def run() -> None:
        async with ScriptedTws(greet=False) as tws:
            broker = IbBroker("127.0.0.1", tws.port, 7)
            broker.listen(Remembering())
            with pytest.raises(BrokerUnreachableError, match="does not greet as TWS does"):
                await broker.connect(0.3)
            await asyncio.wait_for(tws.gone.wait(), 5)

    asyncio.run(run())


def test_something_else_talks() -> None:
    """An HTTP server that answers and closes is no TWS."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def run() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            broker = IbBroker("127.0.0.1", port, 7)
            broker.listen(Remembering())
            with pytest.raises(BrokerUnreachableError, match="closed the connection"):
                await broker.connect(5)

    asyncio.run(run())


def test_client_id_in_use() -> None:
    """Error 326 is told at once, not after the time for the handshake."""

    async def run() -> None:
        async with ScriptedTws() as tws:

            def refuse_client(_: list[str]) -> None:
                tws.error(-1, 326, "Unable to connect as the client id is already in use.")
                tws.hang_up()

            tws.answers[START_API] = refuse_client
            broker = IbBroker("127.0.0.1", tws.port, 7)
            broker.listen(Remembering())
            with pytest.raises(BrokerUnreachableError, match=r"refuses client id 7: .*in use"):
                async with asyncio.timeout(3):
                    await broker.connect(30)

    asyncio.run(run())


def test_a_closed_connection_is_told_once() -> None:
    """The peer's end is told; our own is not, and the next connection works."""

    async def run() -> None:
        async with connected() as (tws, broker, listener):
            tws.hang_up()
            await soon(listener.ends)
            with pytest.raises(BrokerError):
                await broker.positions()
            await broker.connect(5)
            await broker.ping()
            await broker.disconnect()
            assert listener.ends.empty()

    asyncio.run(run())


def test_a_half_open_peer_is_found() -> None:
    """A ping that nothing answers ends, although the socket looks connected."""

    async def run() -> None:
        async with connected(Patience(ping_s=0.2)) as (tws, broker, _listener):
            tws.answers.clear()
            with pytest.raises(BrokerTimeoutError):
                await broker.ping()

    asyncio.run(run())


# Positions


@with_tws
async def test_positions_are_complete_and_exact(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Rows until the end are the answer; a holding told twice counts once, as told last."""

    def answer(_: list[str]) -> None:
        tws.position(1, "0.1")
        tws.position(2)
        tws.position(1, "0.3")
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer
    found = {p.contract.con_id: p for p in await broker.positions()}
    assert {con_id: p.quantity for con_id, p in found.items()} == {1: Decimal("0.3"), 2: 10}
    assert found[1].avg_cost == Decimal("100.5")
    assert found[1].observed_at.tzinfo is not None


def test_positions_without_their_end_are_none() -> None:
    """An answer that stops is given up; its late end does not complete the next answer."""

    async def run() -> None:
        async with connected(Patience(positions_s=0.2)) as (tws, broker, listener):
            tws.answers[POSITIONS] = lambda _: tws.position(1)
            with pytest.raises(BrokerTimeoutError):
                await broker.positions()

            def late(_: list[str]) -> None:
                tws.position(9)
                tws.send(62, 1)
                tws.position(2)
                tws.position(3)
                tws.send(62, 1)

            tws.answers[POSITIONS] = late
            assert [p.contract.con_id for p in await broker.positions()] == [2, 3]
            tws.position(4)
            assert (await soon(listener.positions)).contract.con_id == 4

    asyncio.run(run())


@pytest.mark.parametrize("quantity", ["ten", "nan"])
def test_a_row_that_cannot_be_read_spoils_its_answer(quantity: str) -> None:
    """A holding whose row is broken must not look closed; the next answer is a new start."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):

            def broken(_: list[str]) -> None:
                tws.position(1)
                tws.position(2, quantity)
                tws.send(62, 1)

            tws.answers[POSITIONS] = broken
            with pytest.raises(BrokerError, match="cannot be read"):
                await broker.positions()

            def whole(_: list[str]) -> None:
                tws.position(1)
                tws.send(62, 1)

            tws.answers[POSITIONS] = whole
            assert len(await broker.positions()) == 1

    asyncio.run(run())


@with_tws
async def test_two_polls_at_once_take_turns(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Overlapping polls both end, each with an answer of its own."""

    def answer(_: list[str]) -> None:
        tws.position(tws.count(POSITIONS))
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer
    first, second = await asyncio.gather(broker.positions(), broker.positions())
    assert [p.contract.con_id for p in (*first, *second)] == [1, 2]


@with_tws
async def test_a_poll_ends_with_the_connection(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """A connection that goes during a poll is an error of that poll, at once."""
    tws.answers[POSITIONS] = lambda _: tws.hang_up()
    with pytest.raises(BrokerError):
        await broker.positions()


# Lines


@with_tws
async def test_a_line_ticks(tws: ScriptedTws, broker: IbBroker, listener: Remembering) -> None:
    """Ticks become quotes in our values, one for all that came in a packet."""
    quotes: asyncio.Queue[Quote] = asyncio.Queue()

    def answer(fields: list[str]) -> None:
        req_id = fields[2]
        tws.send(1, 6, req_id, 1, "100.1", 5, 0)
        tws.send(1, 6, req_id, 2, "100.3", 5, 0)
        tws.send(1, 6, req_id, 4, "-1", 0, 0)

    tws.answers[MARKET_DATA] = answer
    broker.open_line(STOCK, quotes.put_nowait)
    quote = await soon(quotes)
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
def test_a_refused_line_is_told(code: int, full: bool, cancelled: bool) -> None:
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

    asyncio.run(run())


@with_tws
async def test_delayed_data_is_no_refusal(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """After 10167 the line lives on, and its quotes say that they are delayed."""
    quotes: asyncio.Queue[Quote] = asyncio.Queue()

    def answer(fields: list[str]) -> None:
        tws.error(fields[2], 10167, "Displaying delayed market data.")
        tws.send(58, 1, fields[2], 3)
        tws.send(1, 6, fields[2], 68, "99.5", 1, 0)

    tws.answers[MARKET_DATA] = answer
    broker.open_line(STOCK, quotes.put_nowait)
    quote = await soon(quotes)
    assert (quote.last, quote.delayed) == (Decimal("99.5"), True)
    assert listener.refusals.empty()


@with_tws
async def test_ticks_after_the_cancel_are_nobodys(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Ticks in flight at the cancel, and error 300 for it, disturb nothing."""
    quotes: list[Quote] = []
    broker.open_line(STOCK, quotes.append)
    req_id = (await tws.request(MARKET_DATA))[2]
    broker.close_line(1)
    await tws.request(CANCEL_MARKET_DATA)
    tws.send(1, 6, req_id, 4, "100", 1, 0)
    tws.error(req_id, 300, "Can't find EId with tickerId")
    await broker.ping()
    assert quotes == []


@with_tws
async def test_upstream_is_told(tws: ScriptedTws, broker: IbBroker, listener: Remembering) -> None:
    """1100, 1101 and 1102 are told; 1101 takes the lines, so they can be asked for again."""
    broker.open_line(STOCK, lambda _: None)
    for code in (1100, 1102, 1101):
        tws.error(-1, code, "Connectivity")
    said = [(await soon(listener.upstream))[0] for _ in range(3)]
    assert said == [Upstream.LOST, Upstream.BACK, Upstream.BACK_EMPTY]
    broker.open_line(STOCK, lambda _: None)
    await tws.request(MARKET_DATA, 2)
    assert tws.count(CANCEL_MARKET_DATA) == 0


# Snapshot quotes, bars, details


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

    asyncio.run(run())


@pytest.mark.parametrize("code", [200, 321])
def test_a_refused_look_up_is_an_error(code: int) -> None:
    """Error 321 ends a look-up like any other, though ib_async calls it a warning."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            tws.answers[DETAILS] = refuse(tws, code, "no")
            with pytest.raises(RequestRefusedError) as caught:
                async with asyncio.timeout(3):
                    await broker.contract(5)
            assert (caught.value.code, caught.value.con_id) == (code, 5)

    asyncio.run(run())


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
async def test_what_nobody_asked_for_is_not_even_decoded(
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
