"""A server that refuses requests that are too large or too slow, and logs each such one once.

Tornado cuts them off without a word. Rules:
* A head without its end in time is answered with 408, one that is too large with 431.
* A body without its end in time is answered with 408, one that is too large with 413.
* A connection on which nothing was sent is closed after the same time, and is no request.
* What the other side still sends is read for a moment, and thrown away: a connection that is
  closed with bytes unread loses the answer.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import msgspec
import tornado.httpserver
import tornado.httputil
import tornado.iostream
import tornado.web

from workers.web.access_log import log_refusal

#: What the other side sends after a refusal is read for this time, seconds.
LINGER_S = 2.0
#: Tornado's own limit of a body, bytes: none, as it would refuse without an answer.
_NO_LIMIT = 2**62
#: Tornado's own limit of waiting, above ours, seconds.
_MORE_S = 60.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How large a request may be, and how long each part of it may take."""

    #: A login has some hundred bytes.
    head_bytes: int = 16_384
    body_bytes: int = 4_096
    head_s: float = 30.0
    body_s: float = 10.0


class RefusingStream(tornado.iostream.IOStream):
    """A connection that can be ended with a refusal."""

    def __init__(self, connection: socket.socket, peer: str, limits: Limits) -> None:
        # Of a head no more is read than may be, and one chunk.
        chunk = limits.head_bytes
        super().__init__(connection, max_buffer_size=4 * chunk, read_chunk_size=chunk)
        self.peer = peer
        self.bytes_read = 0
        #: The start of the request whose body is read; None while its head is.
        self.request: tornado.httputil.RequestStartLine | None = None
        self._draining: asyncio.Task[None] | None = None

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read, and count what came."""
        size = super().read_from_fd(buf)
        self.bytes_read += size or 0
        return size

    def close(self, exc_info: Any = False) -> None:
        """Close; where what was sent is larger than may be, with a refusal."""
        is_too_large = isinstance(exc_info, tornado.iostream.UnsatisfiableReadError)
        if not is_too_large or self.closed():
            super().close(exc_info)
        elif self.request is None:
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            # The size of a chunk.
            self.refuse(HTTPStatus.BAD_REQUEST)

    def refuse(self, status: HTTPStatus) -> None:
        """Answer with a status, log it, and end the connection."""
        method, path = (self.request.method, self.request.path) if self.request else ("", "")
        log_refusal(int(status), method, path, self.peer)
        # Nothing was answered yet: what is so short is taken at once, or the other side is gone.
        with suppress(OSError):
            self.socket.send(_answer(status))
            self.socket.shutdown(socket.SHUT_WR)
            self._draining = asyncio.get_running_loop().create_task(_drain(self.socket.dup()))
        super().close()


class StrictServer(tornado.httpserver.HTTPServer):
    """Tornado's server with our limits; made by `strict_server`."""

    limits = Limits()

    def handle_stream(self, stream: tornado.iostream.IOStream, address: tuple[Any, ...]) -> None:
        """Serve a new connection."""
        super().handle_stream(RefusingStream(stream.socket, str(address[0]), self.limits), address)

    def start_request(
        self, server_conn: object, request_conn: tornado.httputil.HTTPConnection
    ) -> tornado.httputil.HTTPMessageDelegate:
        """Watch over the next request of a connection."""
        stream = getattr(request_conn, "stream", None)
        inner = super().start_request(server_conn, request_conn)
        assert isinstance(stream, RefusingStream)
        return _Watched(inner, stream, self.limits)


def strict_server(application: tornado.web.Application, limits: Limits) -> StrictServer:
    """Return a server that has no address yet."""
    server = StrictServer(
        application,
        max_header_size=limits.head_bytes,
        max_body_size=_NO_LIMIT,
        idle_connection_timeout=limits.head_s + _MORE_S,
        body_timeout=limits.body_s + _MORE_S,
    )
    server.limits = limits
    return server


class _Watched(tornado.httputil.HTTPMessageDelegate):
    """One request: it is passed on while it keeps to the limits."""

    def __init__(
        self,
        inner: tornado.httputil.HTTPMessageDelegate,
        stream: RefusingStream,
        limits: Limits,
    ) -> None:
        self._inner, self._stream, self._limits = inner, stream, limits
        self._read_before = stream.bytes_read
        self._body_bytes = 0
        stream.request = None
        self._timer = asyncio.get_running_loop().call_later(limits.head_s, self._head_is_late)

    def headers_received(
        self,
        start_line: tornado.httputil.RequestStartLine | tornado.httputil.ResponseStartLine,
        headers: tornado.httputil.HTTPHeaders,
    ) -> Awaitable[None] | None:
        """Take the head."""
        self._timer.cancel()
        assert isinstance(start_line, tornado.httputil.RequestStartLine)
        self._stream.request = start_line
        if _is_longer(headers.get("Content-Length", ""), self._limits.body_bytes):
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            # Tornado reads no body then, and has no words of its own about its length.
            headers.clear()
            return None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._limits.body_s, self._body_is_late)
        return self._inner.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Take a part of the body."""
        self._body_bytes += len(chunk)
        if self._body_bytes > self._limits.body_bytes:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        """Pass on that all has come."""
        self._timer.cancel()
        if self._stream.closed():
            self._inner.on_connection_close()
        else:
            self._inner.finish()

    def on_connection_close(self) -> None:
        """Pass on that no more comes."""
        self._timer.cancel()
        self._inner.on_connection_close()

    def _head_is_late(self) -> None:
        if self._stream.bytes_read > self._read_before:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._stream.close()

    def _body_is_late(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        self._timer.cancel()
        if not self._stream.closed():
            self._stream.refuse(status)


def _is_longer(length: str, most: int) -> bool:
    """Return True for a length above a limit; what is no length is refused by tornado."""
    return length.isdecimal() and (len(length) > len(str(most)) + 1 or int(length) > most)


def _answer(status: HTTPStatus) -> bytes:
    body = f"{int(status)} {status.phrase}\n"
    return (
        f"HTTP/1.1 {int(status)} {status.phrase}\r\nConnection: close\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def _drain(connection: socket.socket) -> None:
    """Read what still comes, and throw it away."""
    loop = asyncio.get_running_loop()
    with connection, suppress(OSError, TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while await loop.sock_recv(connection, 65_536):
                pass
