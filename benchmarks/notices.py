"""Notices: what thousands of them cost a gateway, and whether its ticks come later."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

import psutil

from benchmarks.arrivals import FOLDER, read_arrivals
from benchmarks.figures import Part
from benchmarks.harness import cpu_s, own_redis, until
from benchmarks.notice_figures import Found, Window, part_of
from benchmarks.profile import sampled
from benchmarks.tick_source import STEP_S, TickSource
from slotwise.errors import SlotwiseError
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from workers.stack.child import Child, stop_all
from workers.stack.processes import gateway_spec

#: Lines, and messages about ticks a second: a busy account.
LINES, TICKS_PER_S = 100, 5_000
#: Notices a second: in a bad night TWS sent hundreds a minute; this is a hundred times as many.
NOTICES_PER_S = 500
#: Seconds of one window, and pairs of windows.
WINDOW_S, ROUNDS = 3.0, 3
#: Ticks are read within this after a window, and lines are held within this of a start, seconds.
READ_S, START_S = 60.0, 60.0
#: What a gateway looks up behind its start has ended within this, seconds.
SETTLES_S = 4.0
CLIENT_ID = 17
#: Codes about farms; codes without a meaning; a connection lost and restored; a line of another.
FARMS = (2103, 2104, 2105, 2106, 2107, 2108, 2119, 2157, 2158)
UNKNOWN, LOST, RESTORED, COMPETING = (2137, 2999, 10999), 1100, 1102, 10197
NAMES = ("usfarm", "usopt", "eufarm", "ushmds", "secdefil", "cashfarm")
#: One in this many notices is of a code without a meaning, of the connection, of a line.
EACH_UNKNOWN, EACH_LOST, EACH_COMPETING = 20, 200, 400
#: The id of what is about no request.
NO_ID = -1


class Notice(NamedTuple):
    """Hold one notice: the request that it is about, its code and its words."""

    req_id: int
    code: int
    text: str


class Stand(NamedTuple):
    """Hold the source, and the gateway's process, its log, and where its handler notes ticks."""

    source: TickSource
    pid: int
    log: Path
    arrivals: Path


def run(share: float) -> Part:
    """Measure windows without and with a storm, in turn."""
    rounds, seconds = max(1, round(ROUNDS * share)), max(0.5, WINDOW_S * share)
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        found = asyncio.run(_measure(Path(name), rounds, seconds))
    return part_of(found, TICKS_PER_S, NOTICES_PER_S, seconds)


def storm(seed: int, lines: list[int]) -> Iterator[Notice]:
    """Make notices without end; the same seed makes the same ones."""
    chance = Random(seed)
    number = 0
    while True:
        number += 1
        if number % EACH_LOST == 0:
            yield Notice(NO_ID, LOST, "Connectivity has been lost.")
            yield Notice(NO_ID, RESTORED, "Connectivity has been restored - data maintained.")
        elif number % EACH_COMPETING == 1:
            yield Notice(chance.choice(lines), COMPETING, "No market data: competing session.")
        elif number % EACH_UNKNOWN == 0:
            yield Notice(NO_ID, chance.choice(UNKNOWN), "Something happened.")
        else:
            farm = chance.choice(NAMES)
            yield Notice(NO_ID, chance.choice(FARMS), f"The connection of a farm changed:{farm}")


async def _measure(folder: Path, rounds: int, seconds: float) -> Found:
    found: tuple[list[Window], list[Window]] = ([], [])
    source = TickSource(LINES, 2 * LINES, folder)
    async with source.server, _gateway(folder, source) as stand:
        numbers = iter(range(1, 1000))
        for _ in range(rounds):
            for per_s, windows in zip((0, NOTICES_PER_S), found, strict=True):
                windows.append(await _window(stand, next(numbers), seconds, per_s))
        with sampled(folder, {"gateway": stand.pid}) as profiles:
            await _window(stand, next(numbers), seconds, NOTICES_PER_S)
    return Found(*found, profiles)


async def _window(stand: Stand, number: int, seconds: float, per_s: int) -> Window:
    before, logged = cpu_s(stand.pid), _log_lines(stand.log)
    messages, notices = await asyncio.gather(
        stand.source.send(CLIENT_ID, TICKS_PER_S, seconds, number),
        _send_notices(stand.source, seconds, per_s, number),
    )
    late: list[float] | None = None

    def read() -> bool:
        nonlocal late
        late = read_arrivals(stand.arrivals, number)
        return late is not None

    await until(read, READ_S, "the ticks were read")
    used = cpu_s(stand.pid) - before
    resident = psutil.Process(stand.pid).memory_info().rss
    return Window(messages, notices, used, late or [], _log_lines(stand.log) - logged, resident)


async def _send_notices(source: TickSource, seconds: float, per_s: int, seed: int) -> int:
    """Send notices evenly over a while; return how many."""
    client, server = source.server.world.clients[CLIENT_ID], source.server
    coming = storm(seed, source.lines_of(CLIENT_ID))
    loop = asyncio.get_running_loop()
    began, sent, wanted = loop.time(), 0, round(seconds * per_s)
    while sent < wanted:
        due = min(int((loop.time() - began) * per_s), wanted) - sent
        for _ in range(due):
            one = next(coming)
            client.error(one.req_id, one.code, one.text, server.now())
        sent += due
        await asyncio.sleep(STEP_S)
    return sent


def _log_lines(log: Path) -> int:
    with log.open("rb") as lines:
        return sum(1 for _ in lines)


@asynccontextmanager
async def _gateway(folder: Path, source: TickSource) -> AsyncIterator[Stand]:
    """Start a gateway whose lines are held, and stop the simulator's own market."""
    con_ids = [p.contract.con_id for p in source.server.world.accounts.positions()]
    lake, arrivals = str(folder / "lake"), folder / "arrivals"
    arrivals.mkdir()
    Lake(lake).create()
    open_registry(lake).activate("bench", con_ids, datetime.now(UTC), 1)
    with own_redis(folder) as redis:
        env = {
            "REDIS_URL": redis.url,
            "SLOTWISE_LAKE": lake,
            "SLOTWISE_IB_PORT": str(source.server.port),
            "SLOTWISE_IB_CLIENT_ID": str(CLIENT_ID),
            "SLOTWISE_HANDLERS": "benchmarks.arrivals:ArrivalHandler",
            FOLDER: str(arrivals),
        }
        spec = gateway_spec(env, folder)
        child = Child(spec)

        def holds_all() -> bool:
            if child.exit_status is not None:
                raise SlotwiseError(f"the gateway ended: {child.last_words()}")
            return len(source.lines_of(CLIENT_ID)) == LINES

        try:
            child.start()
            await until(holds_all, START_S, "lines are held")
            # Before it: lines that had ticked for seconds would count as dead when they stop.
            source.quiet()
            await asyncio.sleep(SETTLES_S)
            yield Stand(source, child.pid or 0, spec.log, arrivals)
        finally:
            await asyncio.to_thread(stop_all, [child])
