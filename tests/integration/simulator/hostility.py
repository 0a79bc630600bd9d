"""Clients on real sockets: bystanders that want their ticks, and connections that mean harm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from tests.support.hostile import STOCK, framed

#: Nothing may take longer, seconds.
TIMEOUT_S = 30.0
GREETING = b"API\0" + framed(b"v157..178")
#: Messages that carry ticks, and the kind of tick that comes last when a line starts.
TICKS, OPEN = ("1", "2", "45", "46"), "14"
REQ_ID = "1"


def request(*fields: object) -> bytes:
    """Encode a request."""
    return framed(b"".join(str(field).encode() + b"\0" for field in fields))


class Peer:
    """Hold one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int, client_id: int | None = None) -> Self:
        """Connect, and start as a client where an id is given."""
        peer = cls(*await asyncio.open_connection("127.0.0.1", port))
        if client_id is not None:
            peer.send(GREETING, request(71, 2, client_id, ""))
        return peer

    def send(self, *data: bytes) -> None:
        """Send bytes; a peer that is gone takes none."""
        if not self.writer.is_closing():
            self.writer.write(b"".join(data))

    async def frame(self) -> list[str] | None:
        """Read a frame; None where the connection is over."""
        async with asyncio.timeout(TIMEOUT_S):
            try:
                length = int.from_bytes(await self.reader.readexactly(4), "big")
                return (await self.reader.readexactly(length)).decode().split("\0")[:-1]
            except (asyncio.IncompleteReadError, OSError):
                return None

    async def hears(self, kind: str) -> bool:
        """Read until a message of a kind; False where the connection is over before."""
        while (fields := await self.frame()) is not None:
            if fields[0] == kind:
                return True
        return False

    async def ended(self) -> None:
        """Close the sending side, and wait until the other side has closed the connection."""
        with suppress(OSError):
            self.writer.write_eof()
        async with asyncio.timeout(TIMEOUT_S):
            with suppress(OSError):
                while await self.reader.read(1 << 20):
                    pass
        await self.close()

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


class Bystander:
    """Stream one stock and remember every tick."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        #: What came after the first ticks of the line.
        self.ticks: list[tuple[str, ...]] = []
        self.rows: list[tuple[str, ...]] = []
        self._started = False
        self._more = asyncio.Condition()
        self._answers = 0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def watch(cls, port: int, client_id: int) -> Bystander:
        """Connect and stream."""
        bystander = cls(await Peer.connect(port, client_id))
        bystander._peer.send(request(1, 11, REQ_ID, *STOCK, 0, "", 0, 0, ""))
        return bystander

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; fails at once where the connection is over."""
        async with asyncio.timeout(TIMEOUT_S), self._more:
            await self._more.wait_for(lambda: holds() or self._reading.done())
        assert not self._reading.done(), "a bystander was disconnected"

    async def hears_more(self, count: int = 1) -> None:
        """Wait for ticks that are not here yet."""
        wanted = len(self.ticks) + count
        await self.until(lambda: len(self.ticks) >= wanted)

    async def positions(self) -> list[tuple[str, ...]]:
        """Ask for all positions."""
        self.rows, wanted = [], self._answers + 1
        self._peer.send(request(61, 1))
        await self.until(lambda: self._answers >= wanted)
        return sorted(self.rows)

    async def close(self) -> None:
        """Hang up."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        await self._peer.close()

    async def _read(self) -> None:
        while (fields := await self._peer.frame()) is not None:
            async with self._more:
                self._take(fields)
                self._more.notify_all()
        async with self._more:
            self._more.notify_all()

    def _take(self, fields: list[str]) -> None:
        match fields[0]:
            case "61":
                self.rows.append(tuple(fields[2:]))
            case "62":
                self._answers += 1
            case kind if kind in TICKS and fields[2] == REQ_ID:
                if self._started:
                    self.ticks.append(tuple(fields))
                self._started = self._started or fields[3] == OPEN
