"""Rotation: how near quotes on idle lines come to what lines and messages allow."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from slotwise.bus.status import GatewayStatus, RotationStatus, StatusBoard
from slotwise.errors import SlotwiseError
from workers.bench.figures import Curve, Part, Plot, Ratio, Spread, Table, number
from workers.bench.gateway_stand import GatewayStand, gateway_stand
from workers.bench.rotation_account import Account, account, other_messages
from workers.bench.stand import own_redis
from workers.gateway.message_budget import KEPT_FREE, MOST
from workers.simulator.config import SimulatorConfig
from workers.simulator.control.obey import obey
from workers.simulator.server import SimulatorServer
from workers.stack.child import Child, ChildSpec, stop_all

#: Contracts, lines, and contracts in active strategies: the rest of the lines is idle.
POSITIONS, LINES, ACTIVE = 200, 100, 20
IDLE = LINES - ACTIVE
#: Every contract was quoted on both sides within this, seconds.
WARM_UP_S = 15.0
#: Seconds of a window, longer than any contract waits for its next quote; and windows.
WINDOW_S, WINDOWS, SILENT_WINDOWS = 12.0, 3, 2
#: Contracts that say nothing in the last windows, one in sixty; TWS waits 11 s for such a quote.
SILENT = 3
#: Goals: of the bound; and the oldest quote beside what was promised.
GOAL_RATE, GOAL_AGE = 0.95, 1.2
#: Client id of the usual way.
USUAL = 71
HOW = (
    "200 contracts, 20 of them active, 100 lines. The gateway rotates quotes of the 180 others and"
    " of the watchlist; the usual way, bare ib_async in a process of its own on an equal simulator"
    " at the same time, streams 20 and takes snapshots of the others in batches of 80, waits for"
    " all, and takes the next 80. Both are held by messages, not by CPU. The bound is what idle"
    " lines give by how long a quote took, or what the 45 messages a second of ib_async, two of"
    " them kept free, give that nothing else took: whichever is less; all from the simulator's"
    " ledger and wire log. The promised age is the gateway's own; the oldest is from the ledger. In"
    " the last windows three of the others are dead, as an option nobody makes a market in: TWS"
    " gives up such a snapshot after 11 s, and a batch waits for it."
)


class Window(NamedTuple):
    """Hold what both sides did in one window."""

    ours: Account
    usual: Account
    bound: float
    promised_s: float


def run(share: float) -> Part:
    """Measure both sides at the same time, in several windows."""
    windows = max(1, round(WINDOWS * share))
    seconds, warm_up_s = max(4.0, WINDOW_S * share), max(6.0, WARM_UP_S * share)
    silent = max(1, round(SILENT_WINDOWS * share))
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        found = asyncio.run(_measure(Path(name), windows + silent, windows, seconds, warm_up_s))
    return part_of(found[:windows], found[windows:])


async def _measure(
    folder: Path, windows: int, alive: int, seconds: float, warm_up_s: float
) -> list[Window]:
    wire_log = folder / "wire.jsonl"
    config = SimulatorConfig(positions=POSITIONS, lines=LINES, wire_log=wire_log)
    with own_redis(folder) as redis:
        async with (
            gateway_stand(folder, redis.url, config, ACTIVE, rotation=True) as stand,
            SimulatorServer(SimulatorConfig(positions=POSITIONS, lines=LINES)) as beside,
        ):
            given = (str(beside.port), str(USUAL), str(ACTIVE), str(IDLE))
            argv = (sys.executable, "-m", "workers.bench.bare.usual_quotes", *given)
            usual = Child(ChildSpec(name="usual", argv=argv, env={}, log=folder / "usual.log"))
            try:
                usual.start()
                await asyncio.sleep(warm_up_s)
                found = []
                for number_ in range(windows):
                    if number_ == alive:
                        for server in (stand.server, beside):
                            _silence(server, stand.contracts()[-SILENT:])
                        await asyncio.sleep(warm_up_s)
                    found.append(await _window(stand, beside, wire_log, seconds))
                    if usual.exit_status is not None:
                        raise SlotwiseError(f"the usual way ended: {usual.last_words()}")
                return found
            finally:
                await asyncio.to_thread(stop_all, [usual])


async def _window(
    stand: GatewayStand, beside: SimulatorServer, wire_log: Path, seconds: float
) -> Window:
    since = stand.server.now(), beside.now()
    await asyncio.sleep(seconds)
    until = stand.server.now(), beside.now()
    others = stand.contracts()[ACTIVE:]
    ours = account(list(stand.server.ledger_events), others, since[0], until[0])
    usual = account(list(beside.ledger_events), others, since[1], until[1])
    with wire_log.open() as lines:
        spent = other_messages(lines, ours.rate, since[0], until[0])
    status = await asyncio.to_thread(StatusBoard(stand.bus).get, GatewayStatus)
    rotation = status.rotation if status is not None else RotationStatus()
    return Window(
        ours=ours,
        usual=usual,
        bound=min(IDLE / ours.takes_s, MOST - KEPT_FREE - spent),
        promised_s=rotation.others.planned_s or float("inf"),
    )


def _silence(server: SimulatorServer, con_ids: Sequence[int]) -> None:
    for con_id in con_ids:
        line = json.dumps({"do": "dead", "con_id": con_id}).encode()
        obey(line, server.world, server, server.now())


def part_of(windows: list[Window], silent: list[Window]) -> Part:
    """Sum up what was measured."""
    ours, usual = _ages([one.ours for one in windows]), _ages([one.usual for one in windows])
    rates = [one.ours.rate for one in windows]
    return Part(
        name="rotation",
        title="Rotation: quotes on idle lines",
        how=HOW,
        ratios=(
            Ratio(
                name="quotes a second", of="gateway / computed bound", better="more",
                goal=GOAL_RATE, noise=0.05,
                value=Spread.of([one.ours.rate / one.bound for one in windows]),
            ),
            Ratio(
                name="quotes a second, beside the usual way", of="gateway / usual way",
                better="more",
                value=Spread.of([one.ours.rate / one.usual.rate for one in windows]),
            ),
            Ratio(
                name=f"quotes a second, {SILENT} contracts say nothing",
                of="gateway / usual way", better="more", noise=0.4,
                value=Spread.of([one.ours.rate / one.usual.rate for one in silent]),
            ),
            Ratio(
                name="oldest quote of any contract", of="reached / promised", better="less",
                goal=GOAL_AGE, noise=0.1,
                value=Spread.of([_oldest(one.ours) / one.promised_s for one in windows]),
            ),
        ),
        tables=(
            Table(
                "Quotes, medians of the windows",
                ("", "a second", "a quote takes, s", "median age, s", "oldest, s", "rejected"),
                (
                    (
                        "gateway", number(Spread.of(rates).median),
                        *_row([one.ours for one in windows], ours),
                    ),
                    (
                        "bound", number(Spread.of([one.bound for one in windows]).median),
                        "", "", f"{number(Spread.of([o.promised_s for o in windows]).median)}"
                        " promised", "",
                    ),
                    (
                        "usual way", number(Spread.of([one.usual.rate for one in windows]).median),
                        *_row([one.usual for one in windows], usual),
                    ),
                    (
                        f"gateway, {SILENT} silent",
                        number(Spread.of([one.ours.rate for one in silent]).median),
                        *_row([one.ours for one in silent], _ages([one.ours for one in silent])),
                    ),
                    (
                        f"usual way, {SILENT} silent",
                        number(Spread.of([one.usual.rate for one in silent]).median),
                        *_row([one.usual for one in silent], _ages([one.usual for one in silent])),
                    ),
                ),
            ),
        ),
        plots=(
            Plot(
                name="rotation-ages", title="Quotes replaced at an age of at most", x="s",
                y="share", curves=(Curve("gateway", _within(ours)),
                                   Curve("usual way", _within(usual))),
            ),
        ),
    )  # fmt: skip


def _ages(side: Sequence[Account]) -> list[float]:
    return sorted(age for one in side for ages in one.ages_s.values() for age in ages)


def _row(side: list[Account], ages: list[float]) -> tuple[str, ...]:
    return (
        number(Spread.of([one.takes_s for one in side]).median),
        number(ages[len(ages) // 2]) if ages else "",
        number(max(map(_oldest, side))),
        str(sum(one.rejected for one in side)),
    )


def _oldest(side: Account) -> float:
    return max((age for ages in side.ages_s.values() for age in ages), default=float("inf"))


def _within(ages: list[float]) -> tuple[tuple[float, float], ...]:
    return tuple((age, (n + 1) / len(ages)) for n, age in enumerate(ages))
