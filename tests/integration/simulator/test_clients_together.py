"""Clients of different libraries on one simulator: one account, one allowance of lines."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import ExitStack

from ib_async import IB, Contract, Stock

from tests.integration.simulator.raw_client import RawClient
from tests.integration.simulator.simulator_process import TIMEOUT_S, running
from tests.integration.simulator.test_official_client import connected
from tests.support.official_client import official
from tws_simulator.wire.frames import frame

SPY = 756733


def test_a_line_that_one_client_gives_back_is_there_for_another() -> None:
    """IB's client holds the only line; ib_async gets 101, and the line when it is free."""

    async def other(port: int, line_is_free: asyncio.Event) -> list[int]:
        logging.getLogger("ib_async").setLevel(logging.CRITICAL)
        ib, codes = IB(), list[int]()
        refused = asyncio.Event()

        def on_error(req_id: int, code: int, text: str, contract: object) -> None:
            if code < 2000:
                codes.append(code)
                refused.set()

        ib.errorEvent += on_error
        await ib.connectAsync("127.0.0.1", port, clientId=2, timeout=TIMEOUT_S)
        [spy] = await ib.qualifyContractsAsync(Stock("SPY", "SMART", "USD"))
        assert isinstance(spy, Contract)
        ib.reqMktData(spy)
        await refused.wait()
        line_is_free.set()
        await asyncio.sleep(0.3)
        ib.cancelMktData(spy)
        ticker = ib.reqMktData(spy)
        while not ticker.bid > 0:
            await ticker.updateEvent
        ib.disconnect()
        return codes

    async def run(port: int) -> list[int]:
        line_is_free = asyncio.Event()
        asking = asyncio.create_task(other(port, line_is_free))
        await line_is_free.wait()
        first.ask.cancelMktData(1)
        async with asyncio.timeout(TIMEOUT_S):
            return await asking

    with running("--positions", "10", "--lines", "1") as (_, port), connected(port, 1) as first:
        first.await_("nextValidId")
        first.ask.reqMktData(1, official(SPY, exchange="SMART"), "", False, False, [])
        first.await_("tickPrice")
        codes = asyncio.run(run(port))
    # The cancel of what was refused finds nothing to cancel.
    assert codes in ([101], [101, 300])


def test_thirty_two_clients_are_served_and_the_next_is_refused() -> None:
    """Each has positions of its own; when one leaves there is room again."""
    with running("--positions", "3") as (_, port), ExitStack() as stack:
        clients = [RawClient(port, client_id) for client_id in range(32)]
        for client in clients:
            stack.callback(client.close)
            client.send(61, 1)
        for client in clients:
            client.wait_for("62")
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as late:
            late.sendall(b"API\0\0\0\0\x09v157..178" + frame(71, 2, 99, ""))
            heard = b""
            while data := late.recv(65536):
                heard += data
            assert b"Maximum number of API clients (32)" in heard
        clients[0].close()
        RawClient(port, 99).close()
