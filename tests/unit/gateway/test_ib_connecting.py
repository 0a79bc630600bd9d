"""The IB broker connects, or says in one line why it cannot."""

from __future__ import annotations

import asyncio
import time

import pytest

from slotwise.errors import (
    BrokerError,
    BrokerTimeoutError,
    BrokerUnreachableError,
    ClientRefusedError,
    NotLoggedInError,
)
from tests.unit.gateway.connected_broker import connected, with_tws
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import (
    START_API,
    ScriptedTws,
)
from workers.gateway.broker import Upstream
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts


@with_tws
async def test_only_the_handshake_is_sent(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """No positions, orders or account values are asked for at the start."""
    await broker.ping()
    assert [fields[0] for fields in tws.received] == [START_API, "49"]


def test_nothing_listens() -> None:
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
    """A port where something else listens is distinguished from one where nothing does."""

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
    """Error 326 is reported at once, not after the time for the handshake."""

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


@pytest.mark.parametrize("version", [156, 179, 201, 225])
def test_a_version_that_was_not_offered_is_refused(version: int) -> None:
    """In one line, at once, and nothing of what follows is read."""

    async def run() -> None:
        async with ScriptedTws(version=version) as tws:
            broker, listener = IbBroker("127.0.0.1", tws.port, 7), Remembering()
            broker.listen(listener)
            with pytest.raises(ClientRefusedError) as caught:
                async with asyncio.timeout(3):
                    await broker.connect(30)
            text = str(caught.value)
            assert f"speaks API version {version}, and Slotwise 157 to 178" in text
            assert "\n" not in text
            assert tws.received == []

    asyncio.run(run())


def test_a_tws_that_closes_before_it_greets_may_refuse_text_clients() -> None:
    """One line names what it can be."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    async def run() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            broker = IbBroker("127.0.0.1", port, 7)
            broker.listen(Remembering())
            with pytest.raises(ClientRefusedError, match=r"API enabled .* versions 157 to 178\?"):
                async with asyncio.timeout(3):
                    await broker.connect(30)

    asyncio.run(run())


def test_without_accounts_tws_is_not_logged_in() -> None:
    """A list of accounts that is empty says so, before the time for the greeting is over."""

    async def run() -> None:
        async with ScriptedTws() as tws:
            tws.answers[START_API] = lambda _: tws.welcome("")
            broker = IbBroker("127.0.0.1", tws.port, 7)
            broker.listen(Remembering())
            with pytest.raises(NotLoggedInError, match="not logged in yet"):
                async with asyncio.timeout(8):
                    await broker.connect(30)

    asyncio.run(run())


def test_accounts_that_come_a_moment_later_complete_the_greeting() -> None:
    async def run() -> None:
        async with ScriptedTws() as tws:
            tws.answers[START_API] = lambda _: tws.welcome("")
            broker = IbBroker("127.0.0.1", tws.port, 7)
            broker.listen(Remembering())
            connecting = asyncio.create_task(broker.connect(30))
            await tws.request(START_API)
            tws.send(15, 1, "DU1,DUK123")
            await asyncio.wait_for(connecting, 5)
            assert list(broker.accounts) == ["DU1", "DUK123"]
            tws.send(15, 1, "DU1,DUK123,F7")
            await broker.ping()
            assert list(broker.accounts) == ["DU1", "DUK123", "F7"]
            await broker.disconnect()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("code", "upstream"),
    [(1100, Upstream.LOST), (2110, Upstream.LOST), (1300, Upstream.PORT_MOVED)],
)
def test_notices_in_the_greeting_are_passed_on(code: int, upstream: Upstream) -> None:
    """They are as true as any other."""

    async def run() -> None:
        async with ScriptedTws() as tws:

            def welcome(_: list[str]) -> None:
                tws.error(-1, code, "in der Begruessung: 7500")
                tws.welcome()

            tws.answers[START_API] = welcome
            broker, listener = IbBroker("127.0.0.1", tws.port, 7), Remembering()
            broker.listen(listener)
            await broker.connect(5)
            assert (await soon(listener.upstream))[0] is upstream
            await broker.disconnect()

    asyncio.run(run())


def test_a_port_that_moved_is_followed() -> None:
    """And where nothing listens there, the port that was given is tried again."""

    async def run() -> None:
        async with ScriptedTws() as tws, ScriptedTws() as moved:
            broker, listener = IbBroker("127.0.0.1", tws.port, 7), Remembering()
            broker.listen(listener)
            await broker.connect(5)
            tws.error(-1, 1300, f"Bitte am neuen Port verbinden - {moved.port}")
            assert (await soon(listener.upstream))[0] is Upstream.PORT_MOVED
            assert broker.moved_to == moved.port
            await broker.connect(5)
            await broker.ping()
            assert moved.count(START_API) == 1
            moved.error(-1, 1300, "moved back - 1")
            await soon(listener.upstream)
            with pytest.raises(BrokerUnreachableError, match=r"127\.0\.0\.1:1 "):
                await broker.connect(5)
            await broker.connect(5)
            assert tws.count(START_API) == 2
            assert broker.moved_to is None
            await broker.disconnect()

    asyncio.run(run())


def test_a_closed_connection_is_reported_once() -> None:
    """The peer's end is reported; our own is not, and the next connection works."""

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
        async with connected(Timeouts(ping_s=0.2)) as (tws, broker, _listener):
            tws.answers.clear()
            with pytest.raises(BrokerTimeoutError):
                await broker.ping()

    asyncio.run(run())


def test_a_ping_waits_longer_on_a_machine_that_stands_still() -> None:
    """Time in which our own loop could not run says nothing about the peer."""

    async def run() -> None:
        async with connected(Timeouts(ping_s=0.2)) as (_tws, broker, _listener):
            asyncio.get_running_loop().call_soon(time.sleep, 0.5)
            await broker.ping()

    asyncio.run(run())
