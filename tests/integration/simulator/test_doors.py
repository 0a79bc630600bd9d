"""Ports that move and connections that are turned away, over real sockets."""

from __future__ import annotations

import re

import pytest
from ib_async import IB

from tests.integration.simulator.hostility import GREETING, Peer
from tests.integration.simulator.ib_client import connected, eventually, run, simulator
from tests.integration.simulator.talks import codes, meanwhile, talking, time_answered, until
from tests.integration.simulator.test_faults_over_sockets import accepts, command


@pytest.mark.parametrize("drop", [0, 1])
def test_the_port_moves_and_its_notice_names_the_new_one(drop: int) -> None:
    """The old one refuses connections, the new one accepts; connections end, or go on."""

    async def test() -> None:
        async with simulator(control_port=0) as server, talking(server) as peer:
            old = server.port
            answer = await command(server, do="move_port", drop=drop)
            frames = await until(peer, "4")
            assert codes(frames) == [1300]
            assert re.findall(r"\d+$", frames[-1][4]) == [str(answer["port"])]
            assert server.port == answer["port"] != old
            if drop:
                assert await peer.frame() is None
            else:
                await time_answered(peer)
            assert not accepts(old)
            async with talking(server, 6) as other:
                await time_answered(other)
            await command(server, do="restart", seconds=0.1)
            await eventually(lambda: accepts(server.port))
            assert not accepts(old)

    run(test())


def test_the_port_moves_while_a_client_is_greeted() -> None:
    """Both ports are open until the next client starts; it gets 1300 and is dropped."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            old = server.port
            port = (await command(server, do="move_port", when="greeting"))["port"]
            assert accepts(old)
            peer = await Peer.connect(old, 5)
            frames = await until(peer, "4")
            while frames[-1][3] != "1300":
                frames += await until(peer, "4")
            assert frames[-1][4].endswith(str(port))
            assert await peer.frame() is None
            assert not accepts(old)
            async with talking(server) as other:
                assert await time_answered(other) == []

    run(test())


def test_a_port_that_is_taken_is_refused() -> None:
    """And the old one stays open."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            answer = await command(server, do="move_port", port=server.control_port)
            assert not answer["ok"]
            assert "cannot listen" in answer["error"]
            assert accepts(server.port)

    run(test())


@pytest.mark.parametrize(
    ("kind", "greeted"),
    [("close", None), ("below", "156"), ("above", "179"), ("start", "178"), ("error", "178")],
)
def test_a_connection_is_turned_away(kind: str, greeted: str | None) -> None:
    """At the greeting, by a version that the client does not speak, or when it wants to start."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            await command(server, do="handshake", kind=kind, count=1)
            peer = await Peer.connect(server.port, 5)
            answer = await peer.frame()
            assert (answer[0] if answer else None) == greeted
            if kind == "error":
                assert codes(await until(peer, "4")) == [326]
            assert await peer.frame() is None
            async with talking(server) as other:
                await time_answered(other)

    run(test())


@pytest.mark.parametrize(("kind", "greeted"), [("hang", 0), ("mute", 1)])
def test_a_connection_hangs_in_its_greeting(kind: str, greeted: int) -> None:
    """It is accepted, and nothing comes, or nothing after the version."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            await command(server, do="handshake", kind=kind, count=1)
            peer = await Peer.connect(server.port, 5)
            assert len(await meanwhile(peer)) == greeted
            async with talking(server) as other:
                await time_answered(other)
            await peer.close()

    run(test())


def test_a_connection_is_cut_as_it_is_accepted() -> None:
    """Without a byte; the one after it is served."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            await command(server, do="handshake", kind="accept", count=1)
            peer = await Peer.connect(server.port)
            peer.send(GREETING)
            assert await peer.frame() is None
            async with talking(server) as other:
                await time_answered(other)

    run(test())


@pytest.mark.parametrize("kind", ["close", "below", "above", "hang", "start", "error"])
def test_ib_async_does_not_connect_where_it_is_turned_away(kind: str) -> None:
    """Whatever way it takes to say so; then it connects."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            await command(server, do="handshake", kind=kind, seconds=600)
            ib = IB()
            with pytest.raises((OSError, TimeoutError)):
                await ib.connectAsync("127.0.0.1", server.port, 4, timeout=0.5)
            ib.disconnect()
            await command(server, do="handshake", on=0)
            async with connected(server, 4):
                pass

    run(test())
