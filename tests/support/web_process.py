"""`slotwise web` as a process, for tests: asked over HTTP, or opened in a browser."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.support.forked_child import start_process
from workers.stack.child import wait_until
from workers.stack.ports import free_port

NAME, PASSWORD = "trader", "not-a-secret"
#: It starts within this, on a loaded machine, seconds.
STARTS_S = 60.0
ANSWERS_S = 90.0
#: It ends within this, on a loaded machine, seconds.
ENDS_S = 30.0


class WebProcess:
    """The running process, and its answers."""

    def __init__(self, port: int, log: Path, prefix: str) -> None:
        self.port = port
        self.log_file = log
        self.prefix = prefix
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}/"

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        cookie: str = "",
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, str], str]:
        """Return status, headers and body of an answer."""
        answer = self._answer(path, method, cookie, body, headers)
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def log_in(self, password: str = PASSWORD, name: str = NAME) -> str:
        """Return the cookie of a new session; empty where there is none."""
        form = urlencode({"name": name, "password": password})
        _, headers, _ = self.ask("/login", method="POST", body=form)
        return headers.get("Set-Cookie", "").partition(";")[0]

    def word(self, cookie: str) -> str:
        """Return the word that pages of a session send with what they start."""
        return str(json.loads(self.ask("/session", cookie=cookie)[2])["word"])

    def reconcile(self, cookie: str) -> Any:
        """Have a reconciliation run, and return its report."""
        headers = {"X-Slotwise-Word": self.word(cookie)}
        return json.loads(self.ask("/reconcile", method="POST", cookie=cookie, headers=headers)[2])

    def messages(self, cookie: str) -> Iterator[Any]:
        """Yield the messages of a stream as they come."""
        answer = self._answer("/stream", "GET", cookie, None, None)
        assert answer.status == 200, answer.status
        assert answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
        try:
            for line in answer:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))
        finally:
            answer.close()

    def refusals(self) -> list[str]:
        """Return the lines of the log that are of refused requests."""
        # A line is written a moment after its answer, and before the next request is answered.
        self.is_up()
        lines = self.log_file.read_text(errors="replace").splitlines()
        return [line for line in lines if "pages are served" not in line]

    def is_up(self) -> bool:
        try:
            return self.ask("/login")[0] == 200
        except OSError:
            return False

    def end(self) -> int:
        """End the process, and return its exit status."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            log = self.log_file.read_text(errors="replace")[-2000:]
            raise AssertionError(f"was there {ENDS_S} s after TERM: {log}") from None

    def _answer(
        self,
        path: str,
        method: str,
        cookie: str,
        body: str | None,
        headers: Mapping[str, str] | None,
    ) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=ANSWERS_S)
        sent = dict(headers or {})
        if cookie:
            sent["Cookie"] = cookie
        connection.request(method, f"{self.prefix}{path}", body, sent)
        return connection.getresponse()


@contextmanager
def web_process(
    folder: Path,
    *,
    redis_url: str,
    key_prefix: str = "slotwise:",
    lake: str = "",
    prefix: str = "",
    more: Mapping[str, str] | None = None,
) -> Iterator[WebProcess]:
    """Start the process and end it after the block."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE_", "REDIS_"))}
    env = {
        **clean,
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": lake or str(folder / "lake"),
        "SLOTWISE_WEB_PREFIX": prefix,
        "FLOWER_BASIC_AUTH": f"{NAME}:{PASSWORD}",
        **(more or {}),
    }
    web = WebProcess(free_port(), folder / "web.log", prefix)
    web.process = start_process(("web", "--port", str(web.port)), env, web.log_file, folder)
    try:
        assert wait_until(web.is_up, STARTS_S), web.log_file.read_text()[-2000:]
        yield web
    finally:
        web.end()


def first(messages: Iterator[Any], kind: str, timeout_s: float = 20.0) -> Any:
    """Return the next message of a kind."""
    until = time.monotonic() + timeout_s
    for message in messages:
        if message["kind"] == kind:
            return message
        assert time.monotonic() < until, f"no {kind} within {timeout_s} s"
    raise AssertionError("the stream has ended")
