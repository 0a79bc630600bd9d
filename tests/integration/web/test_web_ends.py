"""The server ends when it is asked to, whatever it is doing."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from slotwise.bus.client import Bus
from tests.integration.web.published import publish
from tests.support.web_process import web_process
from workers.stack.child import wait_until
from workers.web.feed import Changes, Feed
from workers.web.frame import Frame, Headline
from workers.web.handlers import Web
from workers.web.server import application
from workers.web.sessions import Sessions
from workers.web.strict_server import Limits, strict_server

#: Steps of the event loop after a frame, at each of which the server is ended once.
STEPS = 30
#: What is cancelled ends within a few steps; this is long enough on a loaded machine, seconds.
ENDS_S = 20.0
NAME, PASSWORD = "a", "b"
KEYS = "test-web-ends:"


@pytest.fixture
def boards(redis_url: str) -> Iterator[Bus]:
    bus = Bus(redis_url, KEYS)
    publish(bus)
    yield bus
    bus.close()


def test_stream_ends_at_whichever_step_of_a_frame_it_is_cancelled() -> None:
    kept = [step for step in range(STEPS) if asyncio.run(is_kept_after(step))]
    assert kept == [], "steps after a frame at which a cancelled stream went on"


def test_process_does_not_wait_for_a_worker_that_is_not_there(
    tmp_path: Path, boards: Bus, redis_url: str, empty_lake: Path
) -> None:
    """A reconciliation waits a minute for one."""
    with (
        ThreadPoolExecutor(1) as pool,
        web_process(tmp_path, redis_url=redis_url, key_prefix=KEYS, lake=str(empty_lake)) as web,
    ):
        cookie = web.log_in()

        def reconcile() -> None:
            # The process ends without an answer.
            with suppress(OSError):
                web.reconcile(cookie)

        asked = pool.submit(reconcile)
        assert wait_until(lambda: is_asked(boards), ENDS_S)
        assert not asked.done()
        assert web.end() == 0
        assert "ends at once" in web.log_file.read_text()


def is_asked(boards: Bus) -> bool:
    """Return whether a task waits for a worker."""
    return any(boards.redis.type(key) == b"list" for key in boards.redis.scan_iter())


async def is_kept_after(step: int) -> bool:
    """Cancel all that serves a page some steps after a frame; return whether some of it goes on."""
    feed, changes, sessions = Feed(lambda _: None), Changes(), Sessions(f"{NAME}:{PASSWORD}")
    unused: Any = None
    server = strict_server(application(Web(sessions, feed, unused, unused, unused, "")), Limits())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        server.add_socket(listening)
        port = listening.getsockname()[1]
        token = sessions.begin(NAME, PASSWORD, time.monotonic())
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET /stream HTTP/1.1\r\nHost: a:{port}\r\n"
            f"Cookie: slotwise_{port}={token}\r\n\r\n".encode()
        )
        while not feed.pages:  # noqa: ASYNC110  # no event is set for it
            await asyncio.sleep(0.001)
        first, second = frame(1), frame(2)
        feed.publish(first, changes.to(first))
        await reader.readuntil(b"data: ")
        await reader.readuntil(b"\n\n")
        feed.publish(second, changes.to(second))
        for _ in range(step):
            await asyncio.sleep(0)
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        _, kept = await asyncio.wait(serving, timeout=ENDS_S)
        for task in kept:
            task.cancel()
        server.stop()
        writer.close()
    return bool(kept)


def frame(number: int) -> Frame:
    """Return a frame in which nothing is held."""
    return Frame(
        number=number, at=datetime.now(UTC), headline=Headline(standing="well", sentence="")
    )
