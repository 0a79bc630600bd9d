"""A small HTTP server in a thread: /metrics, /healthz and /readyz of one process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import Metric
from prometheus_client.process_collector import ProcessCollector

from slotwise.errors import InputError

log = structlog.get_logger(__name__)

#: Returns what is wrong; empty when nothing is.
Verdict = Callable[[], str]
TEXT = (("Content-Type", "text/plain; charset=utf-8"),)


class Health:
    """The answers of one process."""

    def __init__(
        self, alive: Verdict, ready: Verdict, metrics: Callable[[], Iterable[Metric]]
    ) -> None:
        self.alive = alive
        self.ready = ready
        self.metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """A collector as prometheus_client calls it."""
        return self.metrics()

    def describe(self) -> Iterable[Metric]:
        """Return nothing: to describe the metrics may need Redis."""
        return ()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log no request: they come every few seconds."""


class HealthServer:
    """Answer requests until closed."""

    def __init__(self, health: Health, host: str, port: int) -> None:
        registry = CollectorRegistry()
        registry.register(health)
        ProcessCollector(registry=registry)
        self._health = health
        self._metrics: Any = make_wsgi_app(registry)
        try:
            self._server = make_server(host, port, self._answer, _Server, _Silent)
        except OSError as error:
            raise InputError(
                f"SLOTWISE_HEALTH_PORT: cannot listen on {host}:{port} ({error.strerror or error})"
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="health", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                answer: Iterable[bytes] = self._metrics(environ, start)
                return answer
            case "/healthz":
                return _say(self._health.alive(), start)
            case "/readyz":
                return _say(self._health.alive() or self._health.ready(), start)
            case _:
                start("404 Not Found", list(TEXT))
                return [b"try /metrics, /healthz or /readyz\n"]


def _say(wrong: str, start: Callable[..., Any]) -> Iterable[bytes]:
    start("503 Service Unavailable" if wrong else "200 OK", list(TEXT))
    return [f"{wrong or 'ok'}\n".encode()]


def serve(health: Health, host: str, port: int) -> HealthServer | None:
    """Serve a process's health; None where the port is 0. Raises InputError."""
    if not port:
        return None
    server = HealthServer(health, host, port)
    log.info("health is served", host=host, port=server.port)
    return server
