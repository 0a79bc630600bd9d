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
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.figures import Part, Ratio, Spread, Table
from benchmarks.harness import cpu_s, own_redis
from benchmarks.machine import machine
from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.marks import MarksBoard, encoded
from slotwise.contract import Contract
from slotwise.errors import SlotwiseError
from slotwise.position import Position, Snapshot
from slotwise.quote import Quote
from slotwise.rules.marks.mark import Mark
from workers.stack.child import Child, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import web_spec

#: What the most pages may take, of one core.
GOAL = 0.25
#: Holdings, and numbers of pages that are measured one after another.
HOLDINGS, PAGES = 5_000, (1, 20)
#: Pages are open this long before counting, and while it is counted, seconds.
WARM_UP_S, COUNT_S = 6.0, 20.0
#: Time of counting in a part of a whole run, seconds.
PART_COUNT_S = 10.0
HOW = (
    "A Redis and `slotwise web` are processes of their own; 5,000 holdings are published whose"
    " marks all move each second, as a gateway does. Pages are opened as a browser opens them, and"
    " each reads all that it is sent. CPU is of the server's process, by the kernel's clock."
)
#: The server answers within this, seconds.
STARTS_S = 30.0
#: Options of one underlying.
CHAIN = 100
NAME = "bench"


class Desk:
    """Publishes holdings once, and marks that move each second."""

    def __init__(self, bus: Bus, holdings: int) -> None:
        now = datetime.now(UTC)
        contracts = [_option(number) for number in range(holdings)]
        self._ids = [one.con_id for one in contracts]
        self._marks = MarksBoard(bus)
        positions = tuple(
            Position(
                account="DU1234567",
                contract=one,
                quantity=Decimal(1 + one.con_id % 9),
                avg_cost=Decimal(250),
                observed_at=now,
            )
            for one in contracts
        )
        SnapshotBoard(bus).put(
            Snapshot(
                snapshot_id="bench",
                requested_at=now,
                completed_at=now,
                positions=positions,
            )
        )
        QuoteBoard(bus).put([_quote(con_id, now) for con_id in self._ids])
        self._began = now
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._move, name="marks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Move marks no more."""
        self._ended.set()
        self._thread.join()

    def _move(self) -> None:
        step = 0
        while not self._ended.wait(1.0):
            step += 1
            at = datetime.now(UTC)
            age_s = (at - self._began).total_seconds()
            marks = [
                Mark(
                    con_id=con_id,
                    at_s=age_s,
                    value=3.0 + (con_id % 97) / 10 + (step * 7 + con_id) % 50 / 100,
                    band=0.04,
                    source="model",
                    quoted_at_s=0.0,
                    greeks_at_s=0.0,
                    underlying_at_s=age_s,
                )
                for con_id in self._ids
            ]
            self._marks.put(encoded(marks, at))


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


def measured(port: int, pid: int, cookie: str, pages: int, count_s: float) -> tuple[float, str]:
    """Return the share of a core with this number of pages open, and a line that says more."""
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
        page.close()
    if not gaps:
        raise SlotwiseError("a page got no frames")
    words = (
        f"{pages} pages: {share:.1%} of a core; a frame each {sum(gaps) / len(gaps):.1f} s"
        f" (longest {max(gaps):.1f} s) of {sum(sizes) / len(sizes) / 1000:,.0f} kB"
    )
    return share, words


@contextmanager
def server(folder: Path, url: str) -> Iterator[tuple[int, int, str]]:
    """Start the server; yield its port, its process and the cookie of a session."""
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
        yield port, child.pid or 0, cookie
    finally:
        stop_all([child])


def _option(number: int) -> Contract:
    symbol = f"U{number // CHAIN}"
    return Contract(
        con_id=number + 1,
        symbol=symbol,
        sec_type="OPT",
        local_symbol=f"{symbol:6}280121P{number % CHAIN:08d}",
        expiry="20280121",
        strike=Decimal(100 + number % CHAIN),
        right="P",
        multiplier=Decimal(100),
        currency="USD",
        price_magnifier=1,
    )


def _quote(con_id: int, at: datetime) -> Quote:
    return Quote(
        con_id=con_id,
        bid=Decimal("3.10"),
        ask=Decimal("3.20"),
        delta=-0.25,
        gamma=0.01,
        vega=0.3,
        theta=-0.02,
        source="snapshot",
        # A moment before the marks, which are made from it.
        observed_at=at - timedelta(seconds=1),
    )


def run(share: float) -> Part:
    """Measure each number of pages, one after another."""
    count_s = max(3.0, PART_COUNT_S * share)
    found = list(_measure(HOLDINGS, PAGES, count_s))
    shares = [of_core for of_core, _ in found]
    return Part(
        name="web_pages",
        title="Web pages: what open ones cost",
        how=HOW,
        ratios=(
            Ratio(
                name=f"{PAGES[-1]} pages of {HOLDINGS:,} holdings", of="CPU seconds / second",
                value=Spread.of([shares[-1]]), better="less", goal=GOAL,
            ),
        ),
        tables=(Table("The server's process", ("pages",), tuple((line,) for _, line in found)),),
    )  # fmt: skip


def _measure(holdings: int, numbers: Sequence[int], count_s: float) -> Iterator[tuple[float, str]]:
    with (
        tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name,
        own_redis(Path(name)) as redis,
    ):
        bus = Bus(redis.url)
        desk = Desk(bus, holdings)
        try:
            with server(Path(name), redis.url) as (port, pid, cookie):
                for pages in numbers:
                    yield measured(port, pid, cookie, pages, count_s)
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
    for share, line in _measure(asked.holdings, asked.pages, asked.seconds):
        shares.append(share)
        out.write(f"{line}\n")
        out.flush()
    return 0 if shares[-1] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
