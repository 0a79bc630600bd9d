"""Whatever is sent gets an answer or a closed socket, and the other clients notice nothing."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import psutil
import pytest
from ib_async import IB, Contract, Stock

from tests.integration.simulator.hostility import (
    GREETING,
    TIMEOUT_S,
    Bystander,
    Peer,
    request,
)
from tests.integration.simulator.ib_client import eventually
from tests.integration.simulator.simulator_process import running
from tests.support.effort import examples
from tests.support.hostile import REAL, STOCK, framed, garbage, mutated, noise, pieces, real
from tests.support.wire_recount import read_log, recount, reported_by_ledger, reported_by_wire

#: Greatest growth of the simulator, whatever is done to it, bytes.
MAX_GROWTH_BYTES = 64 * 1024 * 1024
POSITIONS = 400
FUZZER = 50
#: Clients a TWS serves at once.
MAX_CLIENTS = 32
#: Connections the simulator accepts at once.
MAX_CONNECTIONS = 256
LONGEST = 0xFFFFFF

Attack = Callable[[int, Random], Awaitable[None]]


async def _answered_or_closed(peer: Peer) -> None:
    """Ask for the time: what came before has been dealt with."""
    peer.send(request(49, 1))
    await peer.hears("49")


async def broken_requests(port: int, random: Random) -> None:
    """Send frames that are mutated or mean nothing, cut anywhere."""
    peer = await Peer.connect(port, FUZZER)
    for _ in range(40):
        body = random.choice((mutated, mutated, noise, real))(random)
        for piece in pieces(random, framed(body)):
            peer.send(piece)
            await peer.writer.drain()
        await _answered_or_closed(peer)
    await peer.close()


async def broken_frames(port: int, random: Random) -> None:
    """Send bytes that are no frames, before the greeting or after, and truncated frames."""
    for client_id in (None, FUZZER):
        for _ in range(5):
            peer = await Peer.connect(port, client_id)
            peer.send(garbage(random))
            await peer.ended()
    peer = await Peer.connect(port, FUZZER)
    body = framed(mutated(random))
    peer.send(body[: random.randrange(len(body))])
    await peer.ended()


async def absurd_lengths(port: int, random: Random) -> None:
    """Announce what no frame can be, or send as much as a frame can hold."""
    for length in (LONGEST + 1, 2**31, 2**32 - 1):
        peer = await Peer.connect(port, FUZZER)
        peer.send(length.to_bytes(4, "big"), b"1\0")
        assert not await peer.hears("never")
        await peer.close()
    for body in (b"\0" * LONGEST, b"1\0" * (LONGEST // 2), b"\xff" * 1_000_000, b"\0" * 1_000_000):
        peer = await Peer.connect(port, FUZZER)
        peer.send(framed(body))
        await _answered_or_closed(peer)
        await peer.ended()


async def slow_greetings(port: int, random: Random) -> None:
    """Greet one byte at a time, or not at all."""
    silent = [await Peer.connect(port) for _ in range(40)]
    slow = await Peer.connect(port)
    for byte in GREETING + request(71, 2, FUZZER, ""):
        slow.send(bytes([byte]))
        await slow.writer.drain()
        await asyncio.sleep(0)
    assert await slow.hears("9")
    for peer in (slow, *silent):
        await peer.close()


async def never_reading(port: int, random: Random) -> None:
    """Ask for far more than is ever read."""
    peer = await Peer.connect(port, FUZZER)
    transport = peer.writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    for req_id in range(20):
        peer.send(request(1, 11, req_id, *REAL[0][3:]))
    peer.send(request(61, 1) * 20_000)
    other = await Peer.connect(port, FUZZER + 1)
    for _ in range(20):
        await _answered_or_closed(other)
    await other.close()
    peer.writer.transport.abort()


async def expensive_requests(port: int, random: Random) -> None:
    """Ask at once for as many bars as there are: others have their turns in between."""
    bystander = await Bystander.watch(port, FUZZER + 1)
    await bystander.hears_more()
    peer = await Peer.connect(port, FUZZER)
    peer.send(*(request(20, n, *STOCK, 0, "", "1 secs", "1 D", 1, "TRADES", 1, 0, "")
                for n in range(12)))  # fmt: skip
    assert await peer.hears("17")
    heard = len(bystander.ticks)
    for _ in range(11):
        assert await peer.hears("17")
    assert len(bystander.ticks) > heard, "one client's requests held up another's ticks"
    await peer.close()
    await bystander.close()


async def too_many_connections(port: int, random: Random) -> None:
    """Connect without a word until no more is accepted; there is room again as they leave."""
    silent = [await Peer.connect(port) for _ in range(MAX_CONNECTIONS)]
    over = await Peer.connect(port, FUZZER)
    assert not await over.hears("9")
    for peer in (*silent, over):
        await peer.close()
    async with asyncio.timeout(TIMEOUT_S):
        while not await (peer := await Peer.connect(port, FUZZER)).hears("9"):
            await peer.close()
    await peer.close()


async def crowd(port: int, random: Random) -> None:
    """Let several clients at once fight for the lines, and hang up in the middle."""

    async def one(client_id: int) -> None:
        peer = await Peer.connect(port, client_id)
        for number in range(40):
            req_id, snapshot = random.randint(1, 4), random.randint(0, 1)
            asked = request(1, 11, req_id, *STOCK, 0, "", snapshot, 0, "")
            peer.send(random.choice((asked, asked, request(2, 2, req_id))))
            if number % 5 == 4:
                await _answered_or_closed(peer)
        peer.writer.transport.abort()

    await asyncio.gather(*(one(FUZZER + n) for n in range(8)))


async def storm(port: int, random: Random) -> None:
    """Connect and hang up, at every stage of a start."""
    for number in range(500):
        peer = await Peer.connect(port, (None, FUZZER)[number % 2])
        if number % 5 == 0:
            peer.writer.transport.abort()
        await peer.close()


async def too_many_clients(port: int, random: Random) -> None:
    """Start more clients than TWS serves: those over the limit get an error and are cut."""
    peers = [await Peer.connect(port, FUZZER + n) for n in range(MAX_CLIENTS + 8)]
    welcome = [await peer.hears("9") for peer in peers]
    assert 0 < welcome.count(True) <= MAX_CLIENTS
    assert welcome == sorted(welcome, reverse=True)
    for peer in peers:
        await peer.close()


@asynccontextmanager
async def _ib_async(port: int) -> AsyncIterator[IB]:
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, 3, timeout=TIMEOUT_S, raiseSyncErrors=True)
    try:
        yield ib
    finally:
        ib.disconnect()


def _is_run_of(part: list[tuple[str, ...]], whole: list[tuple[str, ...]]) -> bool:
    """Return True where ticks occur without a gap among others."""
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


async def _bystanders_notice_nothing(port: int, attack: Attack, rounds: int) -> None:
    first, second = [await Bystander.watch(port, client_id) for client_id in (1, 2)]
    async with _ib_async(port) as ib:
        (spy,) = await ib.qualifyContractsAsync(Stock("SPY", "SMART", "USD"))
        assert isinstance(spy, Contract)
        ticker = ib.reqMktData(spy)
        book = {(p.contract.conId, p.position) for p in ib.positions()}
        rows = await first.positions()
        assert len(book) == len(rows) == POSITIONS
        await second.hears_more(5)
        since = len(second.ticks)
        for number in range(rounds):
            await attack(port, Random(f"{attack.__name__} {number}"))
            await second.hears_more()
        # Both hear what comes now: what one heard in between, the other has heard as well.
        await second.hears_more(10)
        heard = second.ticks[since:-5]
        await first.until(lambda: _is_run_of(heard, first.ticks))
        updates: list[float] = []
        ticker.updateEvent += lambda updated: updates.append(updated.bid)
        await eventually(lambda: bool(updates))
        assert ib.isConnected()
        assert {(p.contract.conId, p.position) for p in await ib.reqPositionsAsync()} == book
        assert await second.positions() == rows
    for bystander in (first, second):
        await bystander.close()


@pytest.mark.timeout(400 * examples(1))
@pytest.mark.parametrize(
    ("attack", "rounds"),
    [
        (broken_requests, 15),
        (broken_frames, 5),
        (absurd_lengths, 1),
        (slow_greetings, 2),
        (never_reading, 2),
        (expensive_requests, 1),
        (too_many_connections, 1),
        (crowd, 3),
        (storm, 1),
        (too_many_clients, 2),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_hostile_client_harms_no_other(attack: Attack, rounds: int, tmp_path: Path) -> None:
    """No gap in the bystanders' ticks, their positions right, memory bounded, nothing on stderr.

    The ledger and the wire log agree on all of it.
    """
    wire, ledger = tmp_path / "wire.jsonl", tmp_path / "ledger.jsonl"
    options = ("--positions", str(POSITIONS), "--lines", "12", "--messages-per-second", "0")
    with running(*options, "--wire-log", str(wire), "--ledger", str(ledger)) as (process, port):
        server = psutil.Process(process.pid)
        before = server.memory_info().rss
        asyncio.run(_bystanders_notice_nothing(port, attack, examples(rounds)))
        assert server.memory_info().rss - before < MAX_GROWTH_BYTES
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()
        assert (process.returncode, out, err) == (0, "", "")
    entries = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert reported_by_wire(recount(read_log(wire))) == reported_by_ledger(entries)
    assert all(entry["held"] <= 12 for entry in entries)
    assert entries[-1]["held"] == 0
