"""A peer that uses TWS's frames and sends only what a test gives it.

For what a well-behaved simulator does not do: stay silent, forget an end, answer twice.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from types import TracebackType
from typing import TypeAlias

Fields: TypeAlias = list[str]
Answer: TypeAlias = Callable[[Fields], None]

MARKET_DATA, CANCEL_MARKET_DATA = "1", "2"
DETAILS, BARS, CURRENT_TIME = "9", "20", "49"
POSITIONS, START_API = "61", "71"


class ScriptedTws:
    """Greet like TWS, record every request, and answer as scripted."""

    def __init__(self, *, greet: bool = True, version: int = 178) -> None:
        self.port = 0
        self._version = version
        self.received: list[Fields] = []
        self.answers: dict[str, Answer] = {
            START_API: lambda _: self.welcome(),
            CURRENT_TIME: lambda _: self.send(49, 1, 1_780_000_000),
        }
        self.connected = asyncio.Event()
        self.gone = asyncio.Event()
        self._greet = greet
        self._heard = asyncio.Condition()
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> ScriptedTws:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hang_up()
        if self._writer is not None:
            await self.gone.wait()
        self._server.close()
        await self._server.wait_closed()

    def welcome(self, accounts: str = "DU1") -> None:
        """Send what makes a connection ready."""
        self.send(15, 1, accounts)
        self.send(9, 1, 1)

    def send(self, *fields: object) -> None:
        """Send one message."""
        assert self._writer is not None, "no client is connected"
        body = "".join(f"{field}\0" for field in fields).encode()
        self._writer.write(struct.pack(">I", len(body)) + body)

    def send_raw(self, data: bytes) -> None:
        """Send bytes that are no message."""
        assert self._writer is not None, "no client is connected"
        self._writer.write(data)

    def error(self, req_id: object, code: int, text: str) -> None:
        """Send an error."""
        self.send(4, 2, req_id, code, text, "")

    def position(self, con_id: int, quantity: object = 10, account: str = "DU1") -> None:
        """Send one position row, of a stock."""
        self.send(
            61, 3, account, con_id, f"S{con_id}", "STK", "", "0.0", "", "", "NASDAQ", "USD",
            f"S{con_id}", "NMS", quantity, "100.5",
        )  # fmt: skip

    def hang_up(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()

    async def request(self, kind: str, number: int = 1) -> Fields:
        """Wait for the n-th request of a kind."""
        async with self._heard:
            await asyncio.wait_for(self._heard.wait_for(lambda: self.count(kind) >= number), 10)
        return [fields for fields in self.received if fields[0] == kind][number - 1]

    def count(self, kind: str) -> int:
        """Count the requests of a kind."""
        return sum(fields[0] == kind for fields in self.received)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.connected.set()
        try:
            if not self._greet:
                await reader.read()
                return
            await reader.readexactly(4)
            await _frame(reader)
            self.send(self._version, "20260601 12:00:00 EST")
            while True:
                await self._hear((await _frame(reader)).decode().split("\0")[:-1])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.gone.set()
            writer.close()

    async def _hear(self, fields: Fields) -> None:
        self.received.append(fields)
        async with self._heard:
            self._heard.notify_all()
        answer = self.answers.get(fields[0])
        if answer is not None:
            answer(fields)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    return await reader.readexactly(length)
