"""A worker that ends gives back what it did not finish; without Redis it says so in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.stack.child import Child, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec

#: Takes a message, prints that, waits for a line, and gives it back, as a worker does at its end.
TAKER = """
from multiprocessing.util import _run_finalizers
from kombu import Producer, Queue
from tasks.app import app

with app.connection_for_write() as connection:
    channel = connection.channel()
    queue = Queue("given", routing_key="given")(channel)
    queue.declare()
    Producer(channel).publish({}, routing_key="given")
    message = queue.get(no_ack=False)
    print("taken", len(channel.qos._delivered), flush=True)
    redis_is_there = input() == "there"
    _run_finalizers(0)
    if redis_is_there:
        print("waiting", channel.queue_declare("given").message_count)
"""
#: A process with the tasks' libraries starts, and ends, within this on a busy machine, seconds.
SOON_S = 60.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Child]:
    """Start a Redis that a test may kill."""
    redis = Child(redis_spec(free_port(), tmp_path))
    redis.start()
    assert wait_until(lambda: redis.has_logged("Ready to accept connections"), SOON_S)
    yield redis
    stop_all([redis])


def given_back(server: Child, tmp_path: Path, *, redis_ends: bool) -> str:
    """Take a message, end Redis or not, give the message back; return what was written."""
    port = server.spec.argv[server.spec.argv.index("--port") + 1]
    url = f"redis://127.0.0.1:{port}/0"
    env = {**os.environ, "REDIS_URL": url, "SLOTWISE_LAKE": str(tmp_path)}
    with subprocess.Popen(
        (sys.executable, "-c", TAKER),
        env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as taker:  # fmt: skip
        assert taker.stdout is not None
        try:
            assert taker.stdout.readline() == "taken 1\n"
            if redis_ends:
                stop_all([server])
            written, _ = taker.communicate("gone\n" if redis_ends else "there\n", SOON_S)
        finally:
            taker.kill()
    return written


def test_what_is_not_finished_is_given_back(server: Child, tmp_path: Path) -> None:
    assert given_back(server, tmp_path, redis_ends=False).endswith("waiting 1\n")


def test_without_redis_what_is_not_given_back_is_one_line(server: Child, tmp_path: Path) -> None:
    written = given_back(server, tmp_path, redis_ends=True)
    assert "Traceback" not in written
    assert written.count("messages are not given back") == 1, written
