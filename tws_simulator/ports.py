"""The ports that the simulator listens on: one, or two while it moves to another."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

from tws_simulator.errors import ControlError, ListenError


class Ports:
    """Listen, move to another port, and be away for a while."""

    def __init__(
        self,
        host: str,
        accept: Callable[[], asyncio.BaseProtocol],
        on_failure: Callable[[ListenError], None],
    ) -> None:
        self._host = host
        self._accept = accept
        self._on_failure = on_failure
        #: Servers by their ports.
        self._listening: dict[int, asyncio.Server] = {}
        self._opened: list[asyncio.Task[None]] = []
        self._reopening: asyncio.Task[None] | None = None
        #: The port that clients are to use.
        self.port = 0

    async def listen(self, port: int) -> None:
        """Listen at a port, 0 for any; raises ListenError."""
        try:
            server = await asyncio.get_running_loop().create_server(self._accept, self._host, port)
        except OSError as error:
            raise ListenError(f"cannot listen on {self._host}:{port}: {_why(error)}") from error
        self.port = int(server.sockets[0].getsockname()[1])
        self._listening[self.port] = server

    def open_port(self, port: int) -> int:
        """Listen at one more port, 0 for any, and return it; raises ControlError."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            taken = socket.create_server((self._host, port), family=family)
        except OSError as error:
            raise ControlError(f"cannot listen on {self._host}:{port}: {_why(error)}") from error
        if self._reopening is not None:
            self._reopening.cancel()
        taken.setblocking(False)
        self.port = int(taken.getsockname()[1])
        self._opened.append(asyncio.create_task(self._serve(taken, self.port)))
        return self.port

    def leave_port(self) -> None:
        """Listen only at the port that was opened last."""
        self._stop_listening(but=self.port)

    def be_away(self, seconds: float) -> None:
        """Listen at no port for a while."""
        if self._reopening is not None:
            self._reopening.cancel()
        self._reopening = asyncio.create_task(self._reopen_after(seconds))

    def close(self) -> None:
        """Listen no more."""
        for task in (*self._opened, *([self._reopening] if self._reopening is not None else ())):
            task.cancel()
        self._stop_listening()

    def _stop_listening(self, but: int = 0) -> None:
        for port in [port for port in self._listening if port != but]:
            self._listening.pop(port).close()

    async def _serve(self, taken: socket.socket, port: int) -> None:
        server = await asyncio.get_running_loop().create_server(self._accept, sock=taken)
        self._listening[port] = server

    async def _reopen_after(self, seconds: float) -> None:
        await asyncio.gather(*self._opened)
        self._opened.clear()
        self._stop_listening()
        await asyncio.sleep(seconds)
        try:
            await self.listen(self.port)
        except ListenError as error:
            self._on_failure(error)


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
