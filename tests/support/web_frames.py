"""The server of pages in this process, fed with frames as fast as a test makes them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from slotwise.bus.client import Bus
from slotwise.lake.store import Lake
from tests.support.web_process import NAME, PASSWORD
from workers.web.feed import Changes, Feed
from workers.web.frame import Frame
from workers.web.handlers import Web
from workers.web.past import PastReader
from workers.web.reconciling import Reconciler
from workers.web.server import application
from workers.web.sessions import Sessions
from workers.web.strict_server import Limits, strict_server
from workers.web.worker_shares import WorkersReader

STARTS_S = 20.0
#: A connection that a browser keeps for later is closed soon: it is none of what a page takes.
LIMITS = Limits(head_s=2.0)


class ServedFrames:
    """Pages get the frames that are published here, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._bus = Bus("redis://127.0.0.1:1/0")
        self._past = PastReader(Lake(str(folder / "lake")), whole_accounts=False, mask=str)
        self._reconciler = Reconciler(self._bus, str)
        self._workers = WorkersReader("")
        self.feed = Feed(lambda wanted: None)
        self._changes = Changes()
        self._loop, self._ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()
        assert self._ready.wait(STARTS_S)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def publish(self, frame: Frame) -> None:
        """Give a frame to every page that is open."""
        changed = self._changes.to(frame)
        self._in_loop(lambda: self.feed.publish(frame, changed))

    def work(self) -> int:
        """Return how many tasks and timers the server has: each page that is open has some."""
        return self._in_loop(lambda: len(asyncio.all_tasks()))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(STARTS_S)
        self._past.close()
        self._reconciler.close()
        self._workers.close()
        self._bus.close()

    def _in_loop(self, work: Callable[[], int | None]) -> int:
        async def done() -> int:
            return work() or 0

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(STARTS_S)

    async def _run(self) -> None:
        self._ended = asyncio.Event()
        web = Web(
            Sessions(f"{NAME}:{PASSWORD}"),
            self.feed,
            self._past,
            self._reconciler,
            self._workers,
            "",
        )
        server = strict_server(application(web), LIMITS)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            self._port = listening.getsockname()[1]
            server.add_socket(listening)
            self._ready.set()
            await self._ended.wait()
            server.stop()


@contextmanager
def served_frames(folder: Path) -> Iterator[ServedFrames]:
    """Serve for the block."""
    served = ServedFrames(folder)
    try:
        yield served
    finally:
        served.close()
