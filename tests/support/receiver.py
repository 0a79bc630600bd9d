"""A receiver of webhooks: a real HTTP server that answers as a test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slotwise.reconciliation.alerts import SIGNATURE

FOUND = 302


@dataclass(frozen=True)
class Message:
    """Hold what came: when, unix seconds, with which signature, and what."""

    at: float
    signature: str
    body: bytes


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.came.append(Message(time.time(), self.headers.get(SIGNATURE, ""), body))
        status = server.answers.pop(0) if server.answers else 200
        self.send_response(status)
        if status == FOUND:
            self.send_header("Location", server.location)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class Receiver(ThreadingHTTPServer):
    """Remember what came, and answer with the next of the given statuses, then with 200.

    A 302 names `location`, or another page of this server.
    """

    def __init__(self, answers: tuple[int, ...], location: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.location = location or f"{self.url}elsewhere"
        self.came: list[Message] = []
        self.answers = list(answers)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


@contextmanager
def receiver(*answers: int, location: str = "") -> Iterator[Receiver]:
    """Receive until the end of the block."""
    server = Receiver(answers, location)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
