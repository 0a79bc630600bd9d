"""A socket that does not take what there is to send, seen from its connection."""

from __future__ import annotations

import asyncio

from tests.unit.simulator.in_memory import InMemoryTws
from tws_simulator.connection import CONGESTED_BYTES, MAX_WAITING_BYTES, Connection
from tws_simulator.session import Phase, Session
from tws_simulator.wire.frames import frame

#: Nothing here may take longer, seconds.
TIMEOUT_S = 20.0


class Socket(asyncio.Transport):
    """Take bytes, and remember how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.reading = True
        self.closed = False
        self.aborted = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes."""
        self.written += data

    def is_closing(self) -> bool:
        """Return True where it ended."""
        return self.closed or self.aborted.is_set()

    def close(self) -> None:
        """End when all is written."""
        self.closed = True

    def abort(self) -> None:
        """End now."""
        self.aborted.set()

    def pause_reading(self) -> None:
        """Leave bytes where they are."""
        self.reading = False

    def resume_reading(self) -> None:
        """Go on."""
        self.reading = True


class Wired:
    """Connect a session to a socket."""

    def __init__(self, positions: int) -> None:
        self.tws = InMemoryTws(positions=positions, messages_per_s=0)
        self.socket = Socket()
        self.session = Session(self.tws.world, 178, 0)
        self.connection = Connection(
            self.session, lambda: self.tws.now, lambda: None, lambda connection: None
        )
        self.connection.connection_made(self.socket)
        self.connection.data_received(b"API\0\0\0\0\x09v157..178" + frame(71, 2, 1, ""))

    async def turn(self) -> None:
        """Let the loop turn, and the scheduler."""
        await asyncio.sleep(0)
        self.tws.world.scheduler.run(self.tws.now)
        await asyncio.sleep(0)


def test_a_client_that_does_not_read_is_served_no_more_until_it_does() -> None:
    """Little waits for it, and it gets every answer in the end."""

    async def test() -> None:
        wired = Wired(positions=2000)
        wired.connection.pause_writing()
        wired.connection.data_received(frame(61, 1) * 40)
        for _ in range(80):
            await wired.turn()
        held_back = wired.session.backlog
        assert wired.session.congested
        assert 0 < held_back < 40
        wired.connection.resume_writing()
        for _ in range(80):
            await wired.turn()
        assert wired.session.backlog == 0
        assert wired.socket.written.count(frame(62, 1)) == 40
        assert not wired.socket.is_closing()

    asyncio.run(test())


def test_what_waits_is_bounded_though_it_was_not_asked_for() -> None:
    """Ticks come unasked; who lets too many wait is cut off."""

    async def test() -> None:
        wired = Wired(positions=1)
        wired.connection.pause_writing()
        client = wired.session.client
        for _ in range(MAX_WAITING_BYTES // CONGESTED_BYTES - 1):
            client.send(bytes(CONGESTED_BYTES))
            await wired.turn()
            assert not wired.socket.aborted.is_set()
        client.send(bytes(CONGESTED_BYTES))
        await wired.turn()
        assert wired.socket.aborted.is_set()

    asyncio.run(test())


def test_an_end_that_is_never_read_is_cut_short() -> None:
    """Else a client that does not read would keep a socket without end."""

    async def test() -> None:
        wired = Wired(positions=200)
        wired.connection.pause_writing()
        wired.connection.data_received(frame(61, 1))
        wired.connection.data_received(b"\xff" * 4)
        await wired.turn()
        assert wired.session.phase is Phase.CLOSED
        assert not wired.socket.is_closing()
        async with asyncio.timeout(TIMEOUT_S):
            await wired.socket.aborted.wait()

    asyncio.run(test())


def test_an_end_that_is_read_is_whole() -> None:
    """All that was to be sent before is sent."""

    async def test() -> None:
        wired = Wired(positions=200)
        wired.connection.data_received(frame(61, 1))
        wired.connection.data_received(b"\xff" * 4)
        await wired.turn()
        assert wired.socket.closed
        assert wired.socket.written.endswith(frame(62, 1))

    asyncio.run(test())


def test_who_never_asks_to_start_is_cut() -> None:
    """Half a greeting is none; a client that has started may stay silent."""

    async def run() -> None:
        for data, ends in (
            (b"", True),
            (b"API\0\0\0", True),
            (b"API\0" + frame_of_versions(), True),
            (b"API\0" + frame_of_versions() + frame(71, 2, 1, ""), False),
        ):
            tws = InMemoryTws(positions=1)
            socket = Socket()
            session = Session(tws.world, 178, 0)
            connection = Connection(
                session, lambda: 0.0, lambda: None, lambda connection: None, greeting_s=0.01
            )
            connection.connection_made(socket)
            connection.data_received(data)
            await asyncio.sleep(0.05)
            assert socket.aborted.is_set() is ends, data
            connection.connection_lost(None)

    asyncio.run(run())


def frame_of_versions() -> bytes:
    """Spell the versions of a client."""
    return len(b"v157..178").to_bytes(4, "big") + b"v157..178"
