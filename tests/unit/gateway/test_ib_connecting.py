"""The IB broker connects, or says in one line why it cannot."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.errors import (
    BrokerError,
    BrokerTimeoutError,
    BrokerUnreachableError,
)
from tests.unit.gateway.connected_broker import connected, with_tws
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import (
    START_API,
    ScriptedTws,
)
from workers.gateway.ib.connection import IbBroker
from workers.gateway.ib.patience import Patience


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
