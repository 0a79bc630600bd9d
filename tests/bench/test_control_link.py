"""A control link waits for who listens late, and says who refuses or goes away."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.control_link import ControlLink
from slotwise.errors import SlotwiseError
from workers.stack.ports import free_port


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Do anything but `refuse` and `leave`."""
    while line := await reader.readline():
        if b"leave" in line:
            break
        writer.write(b'{"ok": false}\n' if b"refuse" in line else b'{"ok": true}\n')
    writer.close()


def test_commands_are_answered() -> None:
    """One after another, and each refusal raises."""

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            async with await ControlLink.open("it", port, 1.0) as link:
                await asyncio.gather(*(link.send(do="something", n=n) for n in range(5)))
                with pytest.raises(SlotwiseError, match="it refuses"):
                    await link.send(do="refuse")
                with pytest.raises(SlotwiseError, match="it ended before it answered leave"):
                    await link.send(do="leave")

    asyncio.run(run())


def test_nothing_listens() -> None:
    """An error reports that after a while."""
    with pytest.raises(SlotwiseError, match="it does not listen"):
        asyncio.run(ControlLink.open("it", free_port(), 0.1))
