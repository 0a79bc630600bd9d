"""The control port: commands as JSON lines, on loopback only."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from tws_simulator.control.answers import refusal
from tws_simulator.errors import ListenError

#: Loopback: a program that reaches this port controls the simulator.
HOST = "127.0.0.1"
#: Longest command, bytes.
MAX_LINE_BYTES = 64 * 1024
#: Connections at once: no test drives a simulator from more places.
MAX_CONNECTIONS = 8


class ControlPort:
    """Answer each line with a line."""

    def __init__(self, dispatch: Callable[[bytes], bytes]) -> None:
        self._dispatch = dispatch
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def listen(self, port: int) -> None:
        """Listen; raises ListenError."""
        try:
            self._server = await asyncio.start_server(self._serve, HOST, port, limit=MAX_LINE_BYTES)
        except OSError as error:
            raise ListenError(
                f"cannot listen on {HOST}:{port}: {os.strerror(error.errno or 0)}"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._writers) >= MAX_CONNECTIONS:
            writer.write(refusal(f"there are {MAX_CONNECTIONS} connections already"))
            writer.close()
            return
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                writer.write(self._dispatch(line))
                await writer.drain()
        except ValueError:
            # What follows a line without an end cannot be separated from it.
            writer.write(refusal(f"a command has at most {MAX_LINE_BYTES} bytes"))
        except OSError:
            pass  # The peer is gone.
        finally:
            self._writers.discard(writer)
            writer.close()
