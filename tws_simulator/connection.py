"""One client's socket: bytes to its session, its output to the socket."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from tws_simulator.session import Session

#: Bytes written in one go; more waits until the client has read.
CHUNK_BYTES = 64 * 1024
#: A client that lets this many bytes wait gets no more answers until it has read them.
CONGESTED_BYTES = 1024 * 1024
#: A client that lets this many bytes wait is disconnected; 50,000 positions are 8 MB.
MAX_WAITING_BYTES = 32 * 1024 * 1024
#: A client whose conversation is over has this long to take its last bytes, seconds.
LINGER_S = 2.0
#: A client that has not asked to start after this is cut, seconds: no place is held for free.
#: Clients start within milliseconds; a person who types has time enough.
GREETING_S = 15.0
#: Nothing more is read from a client while this many of its requests wait for their turn.
MAX_BACKLOG = 1000


class Connection(asyncio.Protocol):
    """Carry bytes between a socket and a session."""

    def __init__(
        self,
        session: Session,
        clock: Callable[[], float],
        on_activity: Callable[[], None],
        on_lost: Callable[[Connection], None],
        greeting_s: float = GREETING_S,
    ) -> None:
        self.session = session
        #: Whether it is cut as soon as it is made.
        self.refused = False
        self._clock = clock
        self._on_activity = on_activity
        self._on_lost = on_lost
        self._greeting_s = greeting_s
        self._deadline: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[memoryview] = deque()
        self._waiting_bytes = 0
        self._paused = False
        self._flush_planned = False
        self._reading = True
        self._cut = False
        self._ending = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.session.client.on_output = self._plan_flush
        if self.session.tap is not None:
            self.session.tap.opened(_name_of(transport.get_extra_info("peername")))
        self._deadline = asyncio.get_running_loop().call_later(self._greeting_s, self._expect_start)
        if self.refused or self._cut:
            # It may have been cut between its acceptance and this.
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the session."""
        self.session.receive(data, self._clock())
        self.check_backlog()
        self._on_activity()

    def connection_lost(self, exc: Exception | None) -> None:
        """Free what the client held, at once."""
        self._transport = None
        if self._deadline is not None:
            self._deadline.cancel()
        self.session.lost(self._clock(), "simulator" if self._cut else "client")
        if self.session.tap is not None:
            self.session.tap.gone(self._waiting_bytes)
        self._waiting.clear()
        self._on_lost(self)
        self._on_activity()

    def pause_writing(self) -> None:
        """Wait: the client does not keep up."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        self._flush()

    def abort(self) -> None:
        """Cut the connection without another byte."""
        self._cut = True
        if self._transport is not None:
            self._transport.abort()

    def check_backlog(self) -> None:
        """Stop reading from the socket while the session has enough to do."""
        if self._transport is None or self._transport.is_closing():
            return
        full = self.session.backlog > MAX_BACKLOG
        if full == self._reading:
            self._reading = not full
            (self._transport.pause_reading if full else self._transport.resume_reading)()

    def collect(self) -> None:
        """Queue what the session has to say."""
        out = self.session.client.take_output()
        if out:
            block = b"".join(out)
            if self.session.tap is not None:
                self.session.tap.sent(block)
            self._waiting.append(memoryview(block))
            self._waiting_bytes += len(block)
            if self._waiting_bytes > CONGESTED_BYTES:
                self.session.congested = True

    def _expect_start(self) -> None:
        """Cut a client that has not started; a silence of ours is none of the client's."""
        if not self.session.started and not self.session.client.silent:
            self.abort()

    def _plan_flush(self) -> None:
        if self.session.tap is not None:
            self.session.tap.expect()
        # Everything one turn of the loop produces goes out in one write.
        if not self._flush_planned and self._transport is not None:
            self._flush_planned = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_planned = False
        transport = self._transport
        if transport is None or transport.is_closing():
            # asyncio would complain on standard error about what is written now.
            return
        self.collect()
        if self.session.tap is not None:
            # In the log before it is on the wire: a kill between the two loses nothing.
            self.session.tap.flush()
        while self._waiting and not self._paused:
            block = self._waiting.popleft()
            transport.write(block[:CHUNK_BYTES])
            self._waiting_bytes -= min(len(block), CHUNK_BYTES)
            if len(block) > CHUNK_BYTES:
                self._waiting.appendleft(block[CHUNK_BYTES:])
        if self.session.congested and self._waiting_bytes <= CONGESTED_BYTES:
            self.session.relieved(self._clock())
            self.check_backlog()
            self._on_activity()
        if self._waiting_bytes > MAX_WAITING_BYTES:
            self.abort()
        elif self.session.client.closing:
            self._end(transport)

    def _end(self, transport: asyncio.Transport) -> None:
        if not self._waiting:
            transport.close()
        if not self._ending:
            self._ending = True
            # Aborting what is closed already does nothing.
            asyncio.get_running_loop().call_later(LINGER_S, transport.abort)


def _name_of(address: object) -> str:
    """Return the name of a peer: a tuple of host and port, and more for IPv6."""
    return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else ""
