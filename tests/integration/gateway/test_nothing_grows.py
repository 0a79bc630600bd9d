"""A gateway drops all that it keeps of lines, quotes and connections when they are over."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections import Counter

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow, RegistryChanged
from slotwise.bus.landing_stream import LandingStream
from tests.integration.gateway.gateway_floor import WATCHED, Floor, floor, held_ids
from tests.support.sizes import sizes
from tests.unit.gateway.listeners import until
from workers.gateway.session.states import State

#: Cycles that are compared: a leak of one object in each has grown by this number.
CYCLES = 8
#: Lines: fewer than cycles, so that quotes under way at a count are not taken for a leak.
LINES = 6
#: Further moments that are counted at, and the time between them, seconds: a quote takes less.
MOMENTS, MOMENT_S = 4, 0.3
#: Contracts that are activated and closed in one cycle.
LEGS = 5
#: What holds the last second's messages, events and entries that have landed, the last dwell's
#: lines, the last ten seconds' quotes, when each contract's row was kept two intervals ago, and of
#: each holding the quantities since executions were listed, of which `MOST` are kept, how long the
#: last `REMEMBERED` quotes, and those of a kind, took, what marks have learnt of each holding, and
#: the quotes that came since the last round of marks, what contracts cost at the last look, and
#: which wait for the floor; the options beside each other, listed anew for what is wanted; and the
#: contracts that a handler knows as unseen, each once: also what was closed before it was seen.
WINDOWS = (
    ".messages._sent",
    ".messages._quotes",
    "._ledger._events",
    "._flow._in_redis",
    "._spool._memory",
    "._timeQ",
    "._opened_before",
    ".rotator._pace._came",
    ".rotator._pace._took",
    "._rotation._dearest._heap",
    "._rotation._dearest._taken",
    "._rotation._floor._waiting",
    "._rows._kept_at",
    "._trades._base[][]",
    "._ways._records[].times",
    "._groups[].own",
    "._groups[].factors",
    "._first._strikes",
    "._first._strikes[]",
    "._first._beside",
    "._first._beside[]",
    ".marks._came",
    ".marks._wanted",
    ".hub._lanes[]._unseen",
)


def count(f: Floor) -> Counter[str]:
    """Count what hangs on the gateway, and what runs."""
    gc.collect()
    found = sizes(f.gateway)
    found = Counter({p: n for p, n in found.items() if not p.endswith(WINDOWS)})
    found["tasks"] = len(asyncio.all_tasks())
    found["threads"] = threading.active_count()
    timers = [thing for thing in gc.get_objects() if isinstance(thing, asyncio.TimerHandle)]
    found["timers"] = sum(not timer.cancelled() for timer in timers)
    return found


async def least(f: Floor) -> Counter[str]:
    """Count the least of some moments: a quote under way has timers, a leak is in each count."""
    found = count(f)
    for _ in range(MOMENTS):
        await asyncio.sleep(MOMENT_S)
        found &= count(f)
    return found


async def cycle(f: Floor, number: int, *, drop: bool = False) -> None:
    """Activate, tick, take quotes, fill, poll, perhaps lose the connection, and close."""
    contracts = held_ids(f.simulator)
    legs = [contracts[(number * LEGS + leg) % len(contracts)] for leg in range(LEGS)]
    f.activate("cycle", legs)
    await until(lambda: set(f.gateway.table.held) == set(legs), 30)
    await until(lambda: not any(line.stale for line in f.gateway.table.held.values()), 30)
    quoted = len(f.events("snapshot", "open"))
    await until(lambda: len(f.events("snapshot", "open")) >= quoted + 4, 30)
    f.do(do="position", con_id=contracts[0], quantity=number + 1)
    Commands(f.bus).send(PollNow("cycle"))
    if drop:
        f.do(do="drop")
        await until(lambda: f.gateway.session.state is not State.READY, 30)
        await until(lambda: set(f.gateway.table.held) == set(legs), 30)
    del f.registry.strategies["cycle"]
    Commands(f.bus).send(RegistryChanged())
    await until(lambda: not f.gateway.table.held, 30)
    await until(lambda: all_landed(f.bus), 30)


def all_landed(bus: Bus) -> bool:
    """Stand in for the lake worker: what is in the stream has landed; note when nothing waits."""
    stream = LandingStream(bus)
    entries = stream.read(0, 1000)
    numbers = {e.origin.spool: e.origin.number for e in entries if e.origin is not None}
    if entries:
        stream.drop(entries[-1].offset)
        stream.report_landed(numbers)
    return not entries


def grown(before: Counter[str], after: Counter[str]) -> dict[str, tuple[int, int]]:
    """Name what has grown by one or more in each cycle."""
    return {path: (before[path], n) for path, n in after.items() if n - before[path] >= CYCLES}


@pytest.mark.timeout(300)
def test_after_many_cycles_everything_is_as_large_as_after_the_first_ones(bus: Bus) -> None:
    """Tables, requests, ib_async's own containers, tasks, timers and threads."""

    async def run() -> None:
        async with floor(
            bus, positions=20, lines=LINES, active=0, rotation=True, watch=WATCHED,
            rotation_reserve=0, quote_floor_s=0,
        ) as f:  # fmt: skip
            # Each contract is active, and quoted, once.
            for number in range(20 // LEGS):
                await cycle(f, number, drop=True)
            # What is remembered of each contract's quotes is whole when each was quoted.
            every, so_far = set(held_ids(f.simulator)), len(f.events("snapshot", "open"))
            await until(
                lambda: every <= {e.con_id for e in f.events("snapshot", "open")[so_far:]}, 60
            )
            warm = await least(f)
            for number in range(CYCLES):
                await cycle(f, number)
            # What a connection remembers goes with it, so it is counted before.
            connected = await least(f)
            for number in range(CYCLES):
                await cycle(f, number, drop=True)
            after = await least(f)
        assert any(".client.decoder." in path for path in warm), "ib_async is reached"
        assert grown(warm, connected) == {}
        assert grown(warm, after) == {}

    asyncio.run(run())
