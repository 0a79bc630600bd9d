"""An event loop whose time jumps to what is due next, and whose connections are in memory.

Hours of two parties that talk to each other pass in seconds, always in the same order. Both the
loop's time and `time.monotonic` are the virtual one; wall clocks stand still. What is given to
threads runs at once.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest import mock

T = TypeVar("T")

#: Delay of bytes, seconds: an answer never comes at the same moment as its question.
LATENCY_S = 0.001
#: Loops begin at this time, seconds: not at 0, which would hide a mistaken zero.
BEGIN_S = 1000.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jump to what is due next; servers and connections are of this loop alone."""

    def __init__(self) -> None:
        self.moment = BEGIN_S
        self._servers: dict[int, _Server] = {}
        super().__init__(_Jumping(self))
        self.set_default_executor(_AtOnce())

    def time(self) -> float:
        return self.moment

    async def create_server(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.Protocol],
        host: str | None = None,
        port: int = 0,
        **_: Any,
    ) -> _Server:
        """Listen in memory; port 0 takes a free one."""
        port = port or next(n for n in range(40_000, 65_536) if n not in self._servers)
        server = self._servers[port] = _Server(self._servers, protocol_factory, port)
        return server

    async def create_connection(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.Protocol],
        host: str | None = None,
        port: int = 0,
        **_: Any,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Connect to a server of this loop; raises ConnectionRefusedError where none listens."""
        await asyncio.sleep(0)
        if port not in self._servers:
            raise ConnectionRefusedError(111, "Connection refused")
        ours, theirs = _Pipe(self), _Pipe(self)
        ours.peer, theirs.peer = theirs, ours
        theirs.begin(self._servers[port].factory())
        protocol = protocol_factory()
        ours.begin(protocol)
        return ours, protocol


@contextmanager
def virtual_time() -> Iterator[VirtualLoop]:
    """Make a loop, and `time.monotonic` its time, for the block."""
    loop = VirtualLoop()
    with mock.patch("time.monotonic", loop.time):
        try:
            yield loop
        finally:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()


def in_virtual_time(what: Coroutine[Any, Any, T]) -> T:
    """Run it to its end; what it waits for comes at once."""
    with virtual_time() as loop:
        return loop.run_until_complete(what)


class _Jumping(selectors.DefaultSelector):
    """Wait for nothing: where nothing is ready, time is what the loop waits for."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "the loop would wait without end"
            self._loop.moment += max(timeout, 0.0)
        return ready


class _AtOnce(ThreadPoolExecutor):
    """Do what is to be done in a thread, now."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  # a future keeps whatever was raised
            done.set_exception(error)
        return done


class _Name:
    """The name of a server's socket."""

    def __init__(self, port: int) -> None:
        self._port = port

    def getsockname(self) -> tuple[str, int]:
        return "memory", self._port


class _Server:
    """One port that is listened at."""

    def __init__(
        self,
        servers: dict[int, _Server],
        factory: Callable[[], asyncio.Protocol],
        port: int,
    ) -> None:
        self.sockets = [_Name(port)]
        self.factory = factory
        self._servers, self._port = servers, port

    def close(self) -> None:
        self._servers.pop(self._port, None)

    async def wait_closed(self) -> None:
        """Return: it is closed at once."""


class _Pipe(asyncio.Transport):
    """One end of a connection; bytes arrive in their order, a moment later."""

    peer: _Pipe

    def __init__(self, loop: VirtualLoop, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(extra)
        self._loop = loop
        self._protocol: asyncio.Protocol | None = None
        self._closing = False
        self._paused = False
        self._held: deque[bytes] = deque()
        #: What is under way to this end; None is the other end's close.
        self._coming: deque[bytes | None] = deque()

    def begin(self, protocol: asyncio.Protocol) -> None:
        self._protocol = protocol
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing:
            self.peer.send(bytes(data))

    def send(self, data: bytes | None) -> None:
        """Put bytes, or the close, on their way to this end."""
        self._coming.append(data)
        self._loop.call_later(LATENCY_S, self._arrive)

    def _arrive(self) -> None:
        data = self._coming.popleft()
        if data is None:
            self.close()
        elif self._paused:
            self._held.append(data)
        elif self._protocol is not None:
            self._protocol.data_received(data)

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        while self._held and not self._paused and self._protocol is not None:
            self._protocol.data_received(self._held.popleft())

    def is_reading(self) -> bool:
        return not self._paused

    def is_closing(self) -> bool:
        return self._closing

    def write_eof(self) -> None:
        """Do nothing: what follows is the close."""

    def close(self) -> None:
        """Close both ends, behind what was written."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._lose)
            self.peer.send(None)

    def abort(self) -> None:
        self.close()

    def _lose(self) -> None:
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.connection_lost(None)
