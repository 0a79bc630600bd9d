"""Ticks: what 100 lines cost the gateway and bare ib_async, and how late a handler gets one."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

from benchmarks.arrivals import FOLDER, ArrivalHandler, LoopArrivalHandler, read_arrivals
from benchmarks.figures import Part
from benchmarks.harness import cpu_s, own_redis, until
from benchmarks.tick_figures import Found, Pairs, Window, part_of
from benchmarks.tick_profile import IN_LOOP, profiles
from benchmarks.tick_source import Say, TickSource, bid, change
from slotwise.errors import SlotwiseError
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from workers.stack.child import Child, ChildSpec, stop_all
from workers.stack.processes import gateway_spec

#: Lines, the usual allowance of an account.
LINES = 100
#: Messages a second: a quiet account, four busier ones; IB sends a line 4 to 10 a second.
RATES = (400, 2_000, 5_000, 20_000, 50_000)
#: Rates at which every message is a bid of another line: the worst case.
BID_RATES = (5_000, 20_000)
#: Rates at which a handler in the loop is measured too: where its thread counts most.
LOOP_RATES = (400, 2_000)
#: Seconds of one window: whole ones, so that what a gateway does each second is in it as often as
#: in life. Longer at the rates at which that is most of the cost.
WINDOW_S = 1.0
LONG_WINDOWS_S = {400: 3.0, 2_000: 2.0}
#: A window is not made shorter than this, seconds.
LEAST_WINDOW_S = 0.5
#: Windows of each side at each rate. Each round has processes of its own, for one is faster than
#: the next as long as it lives, by a third here.
ROUNDS = 3
#: Lines that are not needed: where all are needed, contracts take turns, and a line that is closed
#: within a window is not read to its end.
SPARE_LINES = 10
#: Everything is read within this after a window, seconds.
READ_S = 60.0
#: Both sides hold all their lines within this, seconds.
START_S = 60.0
#: Client ids of the two sides, and their names in tables.
OURS, BARE = 17, 99
NAMES = ("gateway", "bare ib_async")


#: After its lines are held the gateway looks contracts up, asks for executions and exchange rates,
#: and reads the lake: this long, seconds. None of it is the cost of a tick.
SETTLES_S = 4.0

#: What is said, where its windows are put, and at which rates.
Plan: TypeAlias = Sequence[tuple[Say, Pairs, Sequence[int]]]


class Side(NamedTuple):
    """Hold one of the two that are compared."""

    client_id: int
    pid: int
    arrivals: Path


def run(share: float) -> Part:
    """Measure both sides in turn at each rate."""
    rounds = max(1, round(ROUNDS * share))
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as folder:
        windows = asyncio.run(_measure(Path(folder), rounds, share))
    return part_of(windows)


def window_s(rate: int, share: float) -> float:
    """Return how long a window at a rate of messages is, seconds."""
    return max(LONG_WINDOWS_S.get(rate, WINDOW_S) * share, LEAST_WINDOW_S)


async def _measure(folder: Path, rounds: int, share: float) -> Found:
    found = Found({}, {}, {}, [])
    threaded = ((change, found.changes, RATES), (bid, found.bids, BID_RATES))
    in_loop = ((change, found.in_loop, LOOP_RATES),)
    for number in range(rounds):
        for handler, plan in ((ArrivalHandler, threaded), (LoopArrivalHandler, in_loop)):
            place = folder / f"{number}-{handler.__name__}"
            place.mkdir()
            source = TickSource(LINES, 2 * (LINES + SPARE_LINES), place)
            async with source.server, _sides(place, source, handler) as sides:
                # Neither side is always the first that is fed.
                await _round(source, sides, number % 2 == 1, share, plan)
                if number == rounds - 1:
                    pids = {
                        name: (s.client_id, s.pid) for name, s in zip(NAMES, sides, strict=True)
                    }
                    what = IN_LOOP if plan is in_loop else ""
                    found.profiles.extend(await profiles(source, place, pids, share, what))
    return found


async def _round(
    source: TickSource, sides: tuple[Side, Side], turned: bool, share: float, plan: Plan
) -> None:
    window = 0
    for say, pairs, rates in plan:
        for rate in rates:
            both: dict[int, Window] = {}
            seconds = window_s(rate, share)
            for side in reversed(sides) if turned else sides:
                window += 1
                both[side.client_id] = await _window(source, side, rate, seconds, window, say)
            pairs.setdefault(rate, []).append((both[OURS], both[BARE]))


async def _window(
    source: TickSource, side: Side, rate: int, seconds: float, window: int, say: Say = change
) -> Window:
    before = cpu_s(side.pid)
    sent = await source.send(side.client_id, rate, seconds, window, say)
    late: list[float] | None = None

    def read() -> bool:
        nonlocal late
        late = read_arrivals(side.arrivals, window)
        return late is not None

    await until(read, READ_S, "the ticks were read")
    return Window(sent, cpu_s(side.pid) - before, late or [])


@asynccontextmanager
async def _sides(
    folder: Path, source: TickSource, handler: type[ArrivalHandler]
) -> AsyncIterator[tuple[Side, Side]]:
    """Start gateway and bare client, wait for their lines, and stop the market."""
    con_ids = [p.contract.con_id for p in source.server.world.accounts.positions()]
    lake = folder / "lake"
    Lake(str(lake)).create()
    open_registry(str(lake)).activate("bench", con_ids, datetime.now(UTC), 1)
    arrivals = {name: folder / name for name in ("ours", "bare")}
    for path in arrivals.values():
        path.mkdir()
    with own_redis(folder) as redis:
        env = {
            "REDIS_URL": redis.url,
            "SLOTWISE_LAKE": str(lake),
            "SLOTWISE_IB_PORT": str(source.server.port),
            "SLOTWISE_IB_CLIENT_ID": str(OURS),
            "SLOTWISE_LINES": str(LINES + SPARE_LINES),
            "SLOTWISE_HANDLERS": f"benchmarks.arrivals:{handler.__name__}",
            FOLDER: str(arrivals["ours"]),
        }
        argv = (
            sys.executable, "-m", "benchmarks.baselines.streamer",
            str(source.server.port), str(BARE), str(arrivals["bare"]),
        )  # fmt: skip
        log = folder / "logs" / "bare.log"
        children = [
            Child(gateway_spec(env, folder)),
            Child(ChildSpec(name="bare", argv=argv, env={}, log=log)),
        ]
        try:
            for child, client_id in zip(children, (OURS, BARE), strict=True):
                child.start()
                await until(_holds_all(source, child, client_id), START_S, "lines are held")
            # Before it: lines that had ticked for seconds would count as dead when they stop.
            source.quiet()
            await asyncio.sleep(SETTLES_S)
            pids = [child.pid or os.getpid() for child in children]
            yield (
                Side(OURS, pids[0], arrivals["ours"]),
                Side(BARE, pids[1], arrivals["bare"]),
            )
        finally:
            await asyncio.to_thread(stop_all, children)


def _holds_all(source: TickSource, child: Child, client_id: int) -> Callable[[], bool]:
    def holds() -> bool:
        if child.exit_status is not None:
            raise SlotwiseError(f"{child.spec.name} ended: {child.last_words()}")
        return len(source.lines_of(client_id)) == LINES

    return holds
