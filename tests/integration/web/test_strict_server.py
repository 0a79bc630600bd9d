"""Requests that are too large, too slow or none: a refusal by its number, and one line of the log.

The server is ours with small limits, asked over sockets.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import structlog
import tornado.web

from workers.stack.child import wait_until
from workers.web.access_log import log_request, quiet_tornado
from workers.web.strict_server import Limits, strict_server

LIMITS = Limits(head_bytes=2_000, body_bytes=1_000, head_s=0.3, body_s=0.3)
#: The same, and so patient that a machine under load refuses nothing as too slow.
PATIENT = Limits(head_bytes=2_000, body_bytes=1_000, head_s=20.0, body_s=20.0)
HEAD = b"POST /login HTTP/1.1\r\nHost: a\r\n"
#: What is answered is there within this on a loaded machine, seconds.
ANSWERS_S = 20.0


class Echo(tornado.web.RequestHandler):
    """Answers with how much was sent; only to POST."""

    def post(self) -> None:
        self.finish(f"{len(self.request.body)} bytes")


class Served:
    """The server in a thread, and what it logged."""

    def __init__(self, limits: Limits, lines: list[dict[str, Any]]) -> None:
        self.lines, self._limits = lines, limits
        self.port = 0
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()
        assert self._ready.wait(ANSWERS_S)

    async def _run(self) -> None:
        self._ended = asyncio.Event()
        app = tornado.web.Application([("/login", Echo)], log_function=log_request)
        server = strict_server(app, self._limits)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            self.port = listening.getsockname()[1]
            server.add_socket(listening)
            self._ready.set()
            await self._ended.wait()
            server.stop()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(ANSWERS_S)

    def statuses(self) -> list[int]:
        """Return the statuses of what was refused, one for each line of the log."""
        return [one.get("status", 0) for one in self.lines]


class Kept(logging.Handler):
    """Keeps what tornado says by itself; a line of its own has no status."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append({"event": record.getMessage()})


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Served, Served]]:
    """A server that soon finds a request too slow, and a patient one; they have one log."""
    quiet_tornado()
    with structlog.testing.capture_logs() as captured:
        lines: list[dict[str, Any]] = captured  # type: ignore[assignment]
        served = (Served(LIMITS, lines), Served(PATIENT, lines))
        general, kept = logging.getLogger("tornado.general"), Kept(lines)
        level = general.level
        general.addHandler(kept)
        general.setLevel(logging.INFO)
        try:
            yield served
        finally:
            for one in served:
                one.end()
            general.removeHandler(kept)
            general.setLevel(level)


@pytest.fixture
def server(servers: tuple[Served, Served]) -> Served:
    return servers[0]


@pytest.fixture
def patient(servers: tuple[Served, Served]) -> Served:
    return servers[1]


@pytest.fixture(autouse=True)
def nothing_logged_yet(server: Served) -> None:
    server.lines.clear()


def answer(server: Served, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """Send parts with pauses; return all that comes until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", server.port), ANSWERS_S) as connection:
        for part in parts:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(part)
            time.sleep(pause_s)
        got = b""
        while part := connection.recv(65_536):
            got += part
        return got


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"100\r\n" + b"a" * 256 + b"\r\n"
REFUSED: dict[str, tuple[tuple[bytes, ...], int]] = {
    "a head without an end": ((HEAD,), 408),
    "one byte of a head": ((b"P",), 408),
    "a head that is too large": ((HEAD + b"X: " + b"a" * 5_000 + b"\r\n\r\n",), 431),
    "a head that goes on and on": ((HEAD, *[b"X: " + b"a" * 9_000] * 30), 431),
    "too many small headers": ((HEAD + b"X: a\r\n" * 1_000 + b"\r\n",), 431),
    "a path that is too long": ((b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",), 431),
    "a body that does not come": ((HEAD + b"Content-Length: 10\r\n\r\n",), 408),
    "a body that stops": ((HEAD + b"Content-Length: 10\r\n\r\nabc",), 408),
    "a chunk that stops": ((CHUNKED + b"5\r\nab",), 408),
    "a body that is too large": ((HEAD + b"Content-Length: 1001\r\n\r\n" + b"a" * 1001,), 413),
    "a huge body that comes": (
        (HEAD + b"Content-Length: 3000000\r\n\r\n", *[b"a" * 100_000] * 30), 413
    ),
    "a length of an absurd number": (
        (HEAD + b"Content-Length: " + b"9" * 1_900 + b"\r\n\r\n",), 413
    ),
    "chunks that are too large": ((CHUNKED + CHUNK * 5,), 413),
    "one chunk that is too large": ((CHUNKED + b"fffff\r\n" + b"a" * 50_000,), 413),
    "a chunk whose size has no end": ((CHUNKED + b"0" * 200,), 400),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_too_much_or_too_slow_is_refused_with_one_line(
    server: Served, patient: Served, name: str
) -> None:
    parts, status = REFUSED[name]
    got = answer(server if status == 408 else patient, *parts)
    assert got.startswith(f"HTTP/1.1 {status} ".encode()), got[:200]
    assert got.count(b"HTTP/1.1") == 1
    assert wait_until(lambda: bool(server.lines), ANSWERS_S)
    assert server.statuses() == [status], server.lines


def test_slow_drops_do_not_make_it_wait_longer(server: Served) -> None:
    """Each byte comes in time, all of them do not."""
    began = time.monotonic()
    got = answer(server, *[bytes((one,)) for one in HEAD], pause_s=LIMITS.head_s / 10)
    assert got.startswith(b"HTTP/1.1 408 ")
    assert server.statuses() == [408], server.lines
    assert time.monotonic() - began < len(HEAD) * LIMITS.head_s


def test_connection_on_which_nothing_is_sent_is_closed_without_a_word(server: Served) -> None:
    assert answer(server) == b""
    assert server.lines == []


def test_connection_that_is_kept_is_closed_later_without_a_word(server: Served) -> None:
    got = answer(server, HEAD + b"Content-Length: 3\r\n\r\nabc")
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert got.endswith(b"3 bytes")
    assert server.lines == []


def test_requests_within_the_limits_are_answered_one_after_another(patient: Served) -> None:
    one = HEAD + b"Content-Length: 1000\r\n\r\n" + b"a" * 1_000
    last = HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    got = answer(patient, one * 3, last + CHUNK + b"0\r\n\r\n")
    assert got.count(b"HTTP/1.1 200 OK") == 4
    assert got.count(b"1000 bytes") == 3
    assert b"256 bytes" in got


def test_line_of_the_log_has_no_query_and_no_control_characters(patient: Served) -> None:
    answer(
        patient, b"GET /no\x1b[2J?password=secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )
    assert wait_until(lambda: bool(patient.lines), ANSWERS_S)
    (line,) = patient.lines
    assert "secret" not in str(line)
    assert "\x1b" not in str(line)


@pytest.mark.parametrize(
    "host", [b"a b", b"a/b", b"a, b", b"<script>", b"a\r\nHost: b", b"a@b", b"\xff"]
)
def test_host_that_is_none_is_refused(patient: Served, host: bytes) -> None:
    got = answer(patient, b"GET /login HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 400 "), got[:100]
    assert wait_until(lambda: bool(patient.lines), ANSWERS_S)
    assert len(patient.lines) == 1, patient.lines


@pytest.mark.parametrize("method", [b"BREW", b"PUT", b"DELETE", b"TRACE", b"GET"])
def test_method_that_is_not_known_is_refused(patient: Served, method: bytes) -> None:
    end = b" /login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert answer(patient, method + end).startswith(b"HTTP/1.1 405 ")
    assert wait_until(lambda: patient.statuses() == [405], ANSWERS_S), patient.lines
