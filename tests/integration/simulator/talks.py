"""A client that sends frames over a socket: what comes until something, for a while, in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.integration.simulator.hostility import Peer, request
from tws_simulator.server import SimulatorServer

#: Longest that an answer on loopback takes here, and that silence is waited for, seconds.
ANSWER_S, SILENCE_S = 10.0, 0.3


async def until(peer: Peer, *kinds: str) -> list[list[str]]:
    """Read until a message of one of some kinds; return all that came."""
    came = []
    async with asyncio.timeout(ANSWER_S):
        while (fields := await peer.frame()) is not None:
            came.append(fields)
            if fields[0] in kinds:
                return came
    raise AssertionError(f"the connection is over; it brought {came}")


async def meanwhile(peer: Peer, seconds: float = SILENCE_S) -> list[list[str]]:
    """Read for a while; return what came."""
    came = []
    try:
        async with asyncio.timeout(seconds):
            while (fields := await peer.frame()) is not None:
                came.append(fields)
    except TimeoutError:
        pass
    return came


async def time_answered(peer: Peer) -> list[list[str]]:
    """Ask for the time; return what came before it."""
    peer.send(request(49, 1))
    return (await until(peer, "49"))[:-1]


@asynccontextmanager
async def talking(server: SimulatorServer, client_id: int = 5) -> AsyncIterator[Peer]:
    """Connect a client that sends frames, and read its welcome."""
    peer = await Peer.connect(server.port, client_id)
    await time_answered(peer)
    try:
        yield peer
    finally:
        await peer.close()


def codes(frames: list[list[str]]) -> list[int]:
    """Return the codes of the errors and notices."""
    return [int(f[3]) for f in frames if f[0] == "4"]
