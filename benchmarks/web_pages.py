"""What open pages cost: `python -m benchmarks web_pages`, or by itself with other numbers.

`python -m benchmarks.web_pages` starts a Redis and `slotwise web` as processes, publishes holdings
whose marks all move each second, as the gateway does, opens pages, and takes the CPU time of the
server's process. Each page reads all that it is sent. It prints one line for each number of pages,
and ends by itself after about a minute. Exit status: 0; 1 where the most pages take more than
`GOAL` of a core.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks.figures import Part, Ratio, Spread, Table
from benchmarks.harness import cpu_s, own_redis
from benchmarks.machine import machine
from benchmarks.page_desk import Desk
from benchmarks.profile import sampled
from benchmarks.profile_figures import Profile, profile_table
from slotwise.bus.client import Bus
from slotwise.errors import SlotwiseError
from workers.stack.child import Child, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import web_spec

#: What the most pages may take, of one core.
GOAL = 0.25
#: Holdings, and numbers of pages that are measured one after another.
HOLDINGS, PAGES = 5_000, (1, 20)
#: Pages are open this long before counting, and while it is counted, seconds.
WARM_UP_S, COUNT_S = 6.0, 20.0
#: With the most pages the server is sampled this long, seconds.
PROFILED_S = 5.0
#: A process is faster or slower than the next by a third for as long as it lives.
NOISE = 0.4
#: The table that shows where the time goes.
PROFILE = "Where the server's CPU goes with the most pages open, by samples of stacks"
#: Time of counting in a part of a whole run, seconds.
PART_COUNT_S = 15.0
#: However small the share: frames of a slow machine were seen 5 s apart, and two are needed.
LEAST_COUNT_S = 12.0
HOW = (
    "A Redis and `slotwise web` are processes of their own; 5,000 holdings are published whose"
    " marks all move each second, as a gateway does. Pages are opened as a browser opens them, and"
    " each reads all that it is sent. CPU is of the server's process, by the kernel's clock. It is"
    " sampled for some seconds after the most pages were counted."
)
#: The server answers within this, seconds.
STARTS_S = 30.0
NAME = "bench"


class Server(NamedTuple):
    """Hold a server's port, its process and the cookie of a session."""

    port: int
    pid: int
    cookie: str


class Measured(NamedTuple):
    """Hold the share of a core that open pages took, a line that says more, and profiles."""

    share: float
    words: str
    profiles: Sequence[Profile]


class OpenPage:
    """One page: a stream whose events are read and counted."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=STARTS_S)
        self._connection.request("GET", "/stream", headers={"Cookie": cookie})
        self._answer = self._connection.getresponse()
        self.times: list[float] = []
        self.sizes: list[int] = []
        self._closed = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the page."""
        self._closed = True
        self._thread.join(STARTS_S)
        self._connection.close()

    def _read(self) -> None:
        while not self._closed and (line := self._answer.readline()):
            if line.startswith(b"data: "):
                self.times.append(time.monotonic())
                self.sizes.append(len(line))


def measured(
    server: Server, folder: Path, pages: int, count_s: float, sampled_s: float = 0.0
) -> Measured:
    """Return what this number of open pages takes; after it the server may be sampled for a while.

    Lengths in seconds. Raises SlotwiseError where a page gets nothing.
    """
    port, pid, cookie = server
    profiles: list[Profile] = []
    opened = [OpenPage(port, cookie) for _ in range(pages)]
    time.sleep(WARM_UP_S)
    before, began = cpu_s(pid), time.monotonic()
    time.sleep(count_s)
    share = (cpu_s(pid) - before) / (time.monotonic() - began)
    gaps: list[float] = []
    sizes: list[int] = []
    for page in opened:
        times = [at for at in page.times if at >= began]
        gaps += [later - at for at, later in pairwise(times)]
        sizes += page.sizes[-len(times) :]
    if sampled_s:
        with sampled(folder, {"slotwise web": pid}) as found:
            time.sleep(sampled_s)
        profiles += found
    for page in opened:
        page.close()
    if not gaps:
        raise SlotwiseError("a page got no frames")
    words = (
        f"{pages} pages: {share:.1%} of a core; a frame each {sum(gaps) / len(gaps):.1f} s"
        f" (longest {max(gaps):.1f} s) of {sum(sizes) / len(sizes) / 1000:,.0f} kB"
    )
    return Measured(share, words, profiles)


@contextmanager
def started(folder: Path, url: str) -> Iterator[Server]:
    """Start the server for a block."""
    port, password = free_port(), secrets.token_hex(8)
    env = {
        "SLOTWISE_REDIS_URL": url,
        "SLOTWISE_LAKE": str(folder / "lake"),
        "FLOWER_BASIC_AUTH": f"{NAME}:{password}",
    }
    child = Child(web_spec(env, folder, port))
    child.start()
    try:
        if not wait_until(lambda: child.has_logged("pages are served"), STARTS_S):
            raise SlotwiseError(f"slotwise web does not start: {child.last_words()}")
        connection = HTTPConnection("127.0.0.1", port, timeout=STARTS_S)
        connection.request("POST", "/login", urlencode({"name": NAME, "password": password}))
        cookie = (connection.getresponse().getheader("Set-Cookie") or "").partition(";")[0]
        connection.close()
        yield Server(port, child.pid or 0, cookie)
    finally:
        stop_all([child])


def run(share: float) -> Part:
    """Measure each number of pages, one after another."""
    count_s = max(LEAST_COUNT_S, PART_COUNT_S * share)
    found = list(_measure(HOLDINGS, PAGES, count_s, PROFILED_S))
    return Part(
        name="web_pages",
        title="Web pages: what open ones cost",
        how=HOW,
        ratios=(
            Ratio(
                name=f"{PAGES[-1]} pages of {HOLDINGS:,} holdings", of="CPU seconds / second",
                value=Spread.of([found[-1].share]), better="less", goal=GOAL, profile=PROFILE,
                noise=NOISE,
            ),
        ),
        tables=(
            Table("The server's process", ("pages",), tuple((one.words,) for one in found)),
            profile_table(PROFILE, found[-1].profiles),
        ),
    )  # fmt: skip


def _measure(
    holdings: int, numbers: Sequence[int], count_s: float, sampled_s: float = 0.0
) -> Iterator[Measured]:
    with (
        tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name,
        own_redis(Path(name)) as redis,
    ):
        bus = Bus(redis.url)
        desk = Desk(bus, holdings)
        try:
            with started(Path(name), redis.url) as server:
                for pages in numbers:
                    yield measured(server, Path(name), pages, count_s, sampled_s)
        finally:
            desk.close()
            bus.close()


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what open pages cost.")
    parser.add_argument("--holdings", type=int, default=HOLDINGS)
    parser.add_argument("--pages", type=int, nargs="+", default=PAGES)
    parser.add_argument("--seconds", type=float, default=COUNT_S)
    asked = parser.parse_args(words)
    out, here = sys.stdout, machine()
    out.write(f"{here.cpu}, {here.cores} cores, Python {here.python}\n")
    out.write(f"{asked.holdings:,} holdings, all of whose marks move each second\n")
    shares = []
    for one in _measure(asked.holdings, asked.pages, asked.seconds):
        shares.append(one.share)
        out.write(f"{one.words}\n")
        out.flush()
    return 0 if shares[-1] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
