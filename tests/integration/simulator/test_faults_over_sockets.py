"""Faults as clients meet them: real sockets, and ib_async on the other side."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import time
from typing import Any

import pytest
from ib_async import IB

from tests.integration.simulator.ib_client import connected, eventually, routed, run, simulator
from tws_simulator.config import SimulatorConfig
from tws_simulator.nightly import next_at
from tws_simulator.server import SimulatorServer
from tws_simulator.wire.frames import frame

ACCOUNT = "DU1234567"


async def command(server: SimulatorServer, **fields: object) -> dict[str, Any]:
    """Give a command through the control port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.control_port)
    writer.write(json.dumps(fields).encode() + b"\n")
    answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    return answer


async def connects(server: SimulatorServer, timeout_s: float) -> bool:
    """Return True where ib_async can connect."""
    ib = IB()
    try:
        await ib.connectAsync("127.0.0.1", server.port, 9, timeout=timeout_s)
    except (OSError, TimeoutError):
        return False
    else:
        return True
    finally:
        ib.disconnect()


def accepts(port: int) -> bool:
    """Return True where a process listens: the kernel accepts, whatever the loop does."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("where", ["greeting", "start"])
def test_a_half_open_tws_accepts_and_the_client_waits_for_nothing(where: str) -> None:
    """ib_async gives up after its time-out; who was connected goes on, and so does who comes later.

    The connection that waited is served when the silence ends.
    """

    async def test() -> None:
        async with simulator(control_port=0) as server, connected(server) as (ib, _):
            assert (await command(server, do="half_open", where=where))["ok"]
            assert not await connects(server, timeout_s=0.5)
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"API\0\0\0\0\x09v157..178" + frame(71, 2, 5, ""))
            await eventually(lambda: len(server.world.faults.connected) == 2)
            assert await ib.reqCurrentTimeAsync()
            await command(server, do="half_open", on=0)
            assert await connects(server, timeout_s=10)
            await command(server, do="silence", on=0)
            assert (await reader.readexactly(4))[:3] == b"\0\0\0"
            writer.close()

    run(test())


def test_a_silence_that_ends_brings_ib_async_what_it_missed() -> None:
    """A change of the meantime is pushed, and a request of the meantime is answered."""

    async def test() -> None:
        async with simulator(control_port=0) as server, connected(server) as (ib, _):
            held = next(iter(server.world.accounts.positions())).contract.con_id
            await command(server, do="silence")
            asked = asyncio.ensure_future(ib.reqCurrentTimeAsync())
            await command(server, do="position", con_id=held, quantity=77)
            assert not any(p.position == 77 for p in ib.positions())
            assert not asked.done()
            await command(server, do="silence", on=0)
            await asked
            assert [p.position for p in ib.positions() if p.contract.conId == held] == [77]

    run(test())


def test_a_restart_closes_refuses_and_then_accepts_with_the_same_book() -> None:
    """ib_async is disconnected without a notice before; lines are free afterwards."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            async with connected(server) as (ib, errors):
                ib.reqMktData(routed(ib.positions()[0].contract))
                await eventually(lambda: server.world.lines.held == 1)
                before = {(p.contract.conId, p.position) for p in ib.positions()}
                seen = len(errors.seen)
                # Long enough that what follows happens within it, on any machine.
                await command(server, do="restart", seconds=3600)
                await eventually(lambda: not ib.isConnected())
                assert [code for _, code, _ in errors.seen[seen:] if code < 1200] == []
            assert not accepts(server.port)
            assert server.world.lines.held == 0
            # The next one ends the one that is under way.
            await command(server, do="restart", seconds=0.2)

            await eventually(lambda: accepts(server.port))
            async with connected(server) as (ib, _):
                assert {(p.contract.conId, p.position) for p in ib.positions()} == before

    run(test())


def test_the_nightly_restart_comes_at_its_time_and_no_client_is_accepted_for_a_while() -> None:
    """At a local time of day, whether or not a client is connected."""

    async def test() -> None:
        night = next_at(time(23, 45), 1_794_322_800.0)
        config = SimulatorConfig(positions=3, restart_at="23:45", restart_takes_s=3600)
        async with SimulatorServer(config, wall=lambda: night - 0.3) as server:
            await eventually(lambda: not accepts(server.port))
            # A timer may be early by a moment.
            assert server.now() >= night - 0.1

    run(test())


@pytest.mark.parametrize("fault", ["truncate", "silence"])
def test_a_cut_connection_is_one_clients_trouble(fault: str) -> None:
    """ib_async notices the end and can come back at once; the other client notices nothing."""

    async def test() -> None:
        async with simulator(control_port=0) as server, connected(server, 2) as (victim, _):
            if fault == "truncate":
                async with connected(server, 3) as (other, errors):
                    await command(server, do="truncate", client_id=2)
                    await eventually(lambda: not victim.isConnected())
                    assert other.isConnected()
                    assert await other.reqCurrentTimeAsync()
                    assert errors.codes() == []
            else:
                await command(server, do="silence")
                await command(server, do="silence", on=0, then="cut")
                await eventually(lambda: not victim.isConnected())
            await eventually(lambda: 2 not in server.world.clients)
            await victim.connectAsync("127.0.0.1", server.port, 2, timeout=30, raiseSyncErrors=True)
            assert len(victim.positions()) == 40

    run(test())


@pytest.mark.parametrize("kind", ["unknown_id", "wrong_count", "no_number"])
def test_ib_async_survives_frames_that_are_whole_but_wrong(kind: str) -> None:
    """It logs or drops them and goes on."""

    async def test() -> None:
        async with simulator(control_port=0) as server, connected(server) as (ib, _):
            for seed in range(5):
                await command(server, do="garbage", kind=kind, seed=seed)
            assert await ib.reqCurrentTimeAsync()
            assert {p.account for p in await ib.reqPositionsAsync()} <= {ACCOUNT, "DU0"}

    run(test())


def test_a_frame_of_absurd_length_stops_ib_async_and_no_other_client() -> None:
    """It waits for the rest without end: only a time-out helps, as this test's client has one."""

    async def test() -> None:
        async with (
            simulator(control_port=0) as server,
            connected(server, 2) as (victim, _),
            connected(server, 3) as (other, _),
        ):
            await command(server, do="garbage", kind="absurd_length", client_id=2)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(victim.reqCurrentTimeAsync(), 0.5)
            assert await other.reqCurrentTimeAsync()

    run(test())


def test_slow_positions_arrive_whole_and_a_faulty_poll_leaves_ib_async_with_the_truth() -> None:
    """A row that comes twice, changes in the middle, or comes in another order."""

    async def test() -> None:
        async with simulator(control_port=0) as server, connected(server) as (ib, _):
            await command(server, do="slow", seconds=0.2, request="positions")
            assert len(await ib.reqPositionsAsync()) == 40
            await command(server, do="slow", seconds=0)
            held = ib.positions()[0].contract.conId
            for kind in ("duplicate", "shuffle", "change"):
                await command(server, do="poll", kind=kind, con_id=held, quantity=77)
                await ib.reqPositionsAsync()
            quantities = {p.contract.conId: p.position for p in ib.positions()}
            ours = {p.contract.con_id: float(p.quantity) for p in server.world.accounts.positions()}
            assert quantities == ours
            assert quantities[held] == 77

    run(test())


def test_expiry_and_a_split_reach_ib_async_as_pushes() -> None:
    """An option becomes shares, and shares become more."""

    async def test() -> None:
        async with simulator(control_port=0, positions=0) as server, connected(server) as (ib, _):
            spot = server.world.market.spot("SPY", server.now())
            answer = await command(
                server, do="open", symbol="SPY", expiry="20991218", strike=round(spot / 2),
                right="C", quantity=2,
            )  # fmt: skip
            await eventually(lambda: [p.position for p in ib.positions()] == [2])
            await command(server, do="expire", con_id=answer["con_id"])
            await eventually(lambda: [p.position for p in ib.positions()] == [200])
            await command(server, do="split", symbol="SPY", ratio="2:1")
            await eventually(lambda: [p.position for p in ib.positions()] == [400])
            (held,) = ib.positions()
            assert held.avgCost == round(spot / 2) / 2

    run(test())


def test_the_control_port_takes_few_connections_and_says_what_is_wrong() -> None:
    """A line that is too long, or one connection too many, gets an answer before the end."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            peers = [
                await asyncio.open_connection("127.0.0.1", server.control_port) for _ in range(8)
            ]
            for reader, writer in peers:
                writer.write(b'{"do": "status"}\n')
                assert json.loads(await reader.readline())["ok"]
            reader, writer = await asyncio.open_connection("127.0.0.1", server.control_port)
            refused = json.loads(await reader.readline())
            assert (refused["ok"], await reader.read()) == (False, b"")
            writer.close()
            reader, writer = peers[0]
            writer.write(b"x" * 100_000)
            assert json.loads(await reader.readline())["ok"] is False
            for _, writer in peers:
                writer.close()

    run(test())
