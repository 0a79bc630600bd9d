"""Break what lines depend on, again and again, and see every active line come back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from tests.integration.gateway.gateway_floor import Floor
from tests.unit.gateway.listeners import until
from workers.gateway.lines.habit import KNOWN_AFTER_S
from workers.gateway.lines.staleness import SETTLES_S
from workers.gateway.session.states import State

KINDS = ("drop", "restart", "half_open", "farm", "upstream", "lost")
#: Longest wait for all lines, seconds: a half-open peer is found within seconds.
TIMEOUT_S = 30.0
#: A restart refuses connections for this long, seconds.
RESTART_S = 1.0


@dataclass(frozen=True)
class Fault:
    """Hold one fault: ticks stop at `at`, and none can come before `over`; unix seconds.

    `took_s` is from when TWS answers again to the last first tick.
    """

    kind: str
    at: float
    over: float
    took_s: float


def took_by_kind(faults: Sequence[Fault]) -> dict[str, list[float]]:
    """Group how long it took."""
    return {kind: [f.took_s for f in faults if f.kind == kind] for kind in KINDS}


def seeing(f: Floor) -> bool:
    """Return True where every active contract's line ticks, at both ends."""
    held = f.gateway.table.held
    wanted = set(f.registry.wanted())
    return wanted == set(held) and not any(line.stale for line in held.values())


async def walk(f: Floor, faults: int, seed: int = 1) -> list[Fault]:
    """Inject faults one after another, and wait each time until every line ticks.

    Counted from when TWS answers again; of a half-open peer, from when it was found out.
    """
    random = Random(seed)
    done: list[Fault] = []
    loop = asyncio.get_running_loop()
    await until(lambda: seeing(f), TIMEOUT_S)
    # Lines show their habit, by which those that a farm kills are found.
    await asyncio.sleep(KNOWN_AFTER_S + SETTLES_S + 1.0)
    for number in range(faults):
        kind = KINDS[number % len(KINDS)]
        # Lines tick for a while before the next fault.
        await asyncio.sleep(random.uniform(0.5, 1.0))
        at = f.simulator.now()
        if kind == "drop":
            f.do(do="drop")
            over = f.simulator.now()
            await until(lambda: f.gateway.session.state is not State.READY)
        elif kind == "restart":
            f.do(do="restart", seconds=RESTART_S)
            # Its port opens by itself, so the gateway may be there before this walk is.
            over = at + RESTART_S / 2
            await asyncio.sleep(RESTART_S)
        elif kind == "half_open":
            f.do(do="silence")
            await until(lambda: f.gateway.session.state is not State.READY, TIMEOUT_S)
            over = f.simulator.now()
        elif kind == "farm":
            farm = random.choice(["usfarm", "usopt"])
            f.do(do="notice", code=2103, farm=farm)
            await asyncio.sleep(0.5)
            over = f.simulator.now()
            f.do(do="notice", code=2104, farm=farm, dead=3)
            # What is dead is not known to be, so it has to be found.
            await asyncio.sleep(0.3)
        elif kind == "upstream":
            f.do(do="notice", code=1100)
            await asyncio.sleep(0.5)
            over = f.simulator.now()
            f.do(do="notice", code=1102)
        else:
            f.do(do="notice", code=1100)
            await asyncio.sleep(0.5)
            over = f.simulator.now()
            f.do(do="notice", code=1101)
        began = loop.time()
        await until(partial(ticking_now, f, began), TIMEOUT_S)
        done.append(Fault(kind, at, over, loop.time() - began))
    return done


def ticking_now(f: Floor, since: float) -> bool:
    """Return True where every active line ticked after an instant of the loop's clock."""
    return seeing(f) and all(
        line.staleness.heard_at > since for line in f.gateway.table.held.values()
    )
