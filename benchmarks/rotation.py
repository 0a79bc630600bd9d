"""Rotation: how near quotes on idle lines come to what lines and messages allow."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from math import inf
from pathlib import Path

from benchmarks.figures import Part
from benchmarks.gateway_harness import gateway_stand
from benchmarks.harness import own_redis
from benchmarks.rotation_account import account
from benchmarks.rotation_figures import SILENT, Found, Setting, Span, part_of
from benchmarks.rotation_side import Side, silence
from slotwise.errors import SlotwiseError
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from workers.stack.child import Child, ChildSpec, stop_all

#: Contracts, and those in active strategies: the rest of the lines is idle.
POSITIONS, ACTIVE = 200, 20
#: With the lines of the first the usual way is compared, and contracts fall silent.
SETTINGS = (
    Setting("measured", 100),
    Setting("measured", 40),
    Setting("measured", 25),
    Setting("quick", 100),
)
#: Every contract was quoted on both sides within this, seconds, also on few lines.
WARM_UP_S = 45.0
#: Seconds of a window; and windows.
WINDOW_S, WINDOWS = 17.0, 2
#: The same with silent contracts.
SILENT_WINDOW_S, SILENT_WINDOWS = 15.0, 2
#: No window is shorter than TWS's wait of 11 to 12 s, in which the usual way may see nothing end.
LEAST_S = 13.0
#: The gateway has met the silent contracts within this, seconds.
SILENT_WARM_UP_S = 6.0
#: Client id of the usual way.
USUAL = 71


def run(share: float) -> Part:
    """Measure all settings and the usual way at the same time, in several windows."""
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        return part_of(
            measure(
                Path(name),
                SETTINGS,
                max(20.0, WARM_UP_S * share),
                [max(LEAST_S, WINDOW_S * share)] * max(1, round(WINDOWS * share)),
                [max(LEAST_S, SILENT_WINDOW_S * share)] * max(1, round(SILENT_WINDOWS * share)),
            )
        )


def measure(
    folder: Path,
    settings: Sequence[Setting],
    warm_up_s: float,
    alive: Sequence[float],
    silent: Sequence[float],
) -> Found:
    """Measure windows of these lengths, seconds, first without silent contracts, then with them."""
    return asyncio.run(_measure(folder, settings, warm_up_s, alive, silent))


async def _measure(
    folder: Path,
    settings: Sequence[Setting],
    warm_up_s: float,
    alive: Sequence[float],
    silent: Sequence[float],
) -> Found:
    with own_redis(folder) as redis:
        async with AsyncExitStack() as stack:
            sides = [await _side(stack, folder, redis.url, setting) for setting in settings]
            first = sides[0]
            beside = await stack.enter_async_context(SimulatorServer(_config(first.setting)))
            usual = _usual(folder, beside.port, first.setting.lines - ACTIVE)
            stack.callback(stop_all, [usual])
            usual.start()
            await _pass(sides, warm_up_s)
            spans = [await _spans(sides, beside, usual, seconds) for seconds in alive]
            dead = first.others[-SILENT:]
            if silent:
                for server in (first.server, beside):
                    silence(server, dead)
                await asyncio.sleep(SILENT_WARM_UP_S)
            then = [await _spans([first], beside, usual, seconds) for seconds in silent]
    # Only now: the simulators would stand still while a log is read.
    ledger, known = list(beside.ledger_events), first.others
    return Found(
        ours={side.setting: [side.window(of[n]) for of in spans] for n, side in enumerate(sides)},
        usual=account(ledger, known, spans[0][-1].since, spans[-1][-1].until, but=first.active),
        silent=[first.window(of[0], dead) for of in then],
        usual_silent=account(
            ledger,
            known[:-SILENT],
            then[0][-1].since,
            then[-1][-1].until,
            but={*first.active, *dead},
        )
        if then
        else None,
    )


async def _side(stack: AsyncExitStack, folder: Path, redis_url: str, setting: Setting) -> Side:
    place = folder / setting.name.replace(" ", "-")
    place.mkdir()
    wire_log = place / "wire.jsonl"
    config = _config(setting, wire_log)
    stand = gateway_stand(place, redis_url, config, ACTIVE, rotation=True)
    return Side(setting, await stack.enter_async_context(stand), wire_log, ACTIVE)


def _config(setting: Setting, wire_log: Path | None = None) -> SimulatorConfig:
    return SimulatorConfig(
        positions=POSITIONS, lines=setting.lines, settle=setting.market, wire_log=wire_log
    )


def _usual(folder: Path, port: int, batch: int) -> Child:
    given = (str(port), str(USUAL), str(ACTIVE), str(batch))
    argv = (sys.executable, "-m", "benchmarks.baselines.usual_quotes", *given)
    return Child(ChildSpec(name="usual", argv=argv, env={}, log=folder / "usual.log"))


async def _spans(
    sides: Sequence[Side], beside: SimulatorServer, usual: Child, seconds: float
) -> list[Span]:
    """Wait for a window; return when it was at each side, and last at the usual way."""
    servers = [*(side.server for side in sides), beside]
    since = [server.now() for server in servers]
    await _pass(sides, seconds)
    until = [server.now() for server in servers]
    if usual.exit_status is not None:
        raise SlotwiseError(f"the usual way ended: {usual.last_words()}")
    promised = [side.promised_s() for side in sides]
    return [Span(*one) for one in zip(since, until, [*promised, inf], strict=True)]


async def _pass(sides: Sequence[Side], seconds: float) -> None:
    """Wait, and note each second what is promised."""
    end = time.monotonic() + seconds
    while (left_s := end - time.monotonic()) > 0:
        for side in sides:
            await side.look()
        await asyncio.sleep(min(left_s, 1.0))
