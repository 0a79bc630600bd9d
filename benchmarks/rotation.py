"""Rotation: how near quotes on idle lines come to what lines and messages allow."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Part
from benchmarks.gateway_harness import GatewayStand, gateway_stand
from benchmarks.harness import own_redis
from benchmarks.rotation_account import account, other_messages
from benchmarks.rotation_figures import SILENT, Times, Window, part_of
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.errors import SlotwiseError
from tws_simulator.config import SimulatorConfig
from tws_simulator.control.dispatch import dispatch
from tws_simulator.server import SimulatorServer
from tws_simulator.services.market_data.ledger import LedgerEvent
from workers.gateway.message_budget import KEPT_FREE, MOST
from workers.stack.child import Child, ChildSpec, stop_all

#: Contracts, lines, and contracts in active strategies: the rest of the lines is idle.
POSITIONS, LINES, ACTIVE = 200, 100, 20
IDLE = LINES - ACTIVE
#: Every contract was quoted on both sides within this, seconds.
WARM_UP_S = 12.0
#: Seconds of a window, longer than any contract waits for its next quote; and windows.
WINDOW_S, WINDOWS = 15.0, 3
#: The same with silent contracts: a round of the usual way takes 15 s then, and of a window that
#: is no longer than TWS's wait of 11 s nothing at all may be seen.
SILENT_WINDOW_S, LEAST_SILENT_S, SILENT_WINDOWS = 15.0, 13.0, 2
#: The gateway has met the silent contracts within this, seconds.
SILENT_WARM_UP_S = 6.0
#: Client id of the usual way.
USUAL = 71


def run(share: float) -> Part:
    """Measure both sides at the same time, in several windows."""
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        return part_of(
            *measure(
                Path(name),
                max(6.0, WARM_UP_S * share),
                [max(4.0, WINDOW_S * share)] * max(1, round(WINDOWS * share)),
                [max(LEAST_SILENT_S, SILENT_WINDOW_S * share)]
                * max(1, round(SILENT_WINDOWS * share)),
            )
        )


def measure(
    folder: Path, warm_up_s: float, alive: Sequence[float], silent: Sequence[float]
) -> tuple[list[Window], list[Window]]:
    """Measure windows of so many seconds, first without silent contracts and then with them."""
    return asyncio.run(_measure(folder, warm_up_s, alive, silent))


async def _measure(
    folder: Path, warm_up_s: float, alive: Sequence[float], silent: Sequence[float]
) -> tuple[list[Window], list[Window]]:
    wire_log = folder / "wire.jsonl"
    config = SimulatorConfig(positions=POSITIONS, lines=LINES, wire_log=wire_log)
    with own_redis(folder) as redis:
        async with (
            gateway_stand(folder, redis.url, config, ACTIVE, rotation=True) as stand,
            SimulatorServer(SimulatorConfig(positions=POSITIONS, lines=LINES)) as beside,
        ):
            given = (str(beside.port), str(USUAL), str(ACTIVE), str(IDLE))
            argv = (sys.executable, "-m", "benchmarks.baselines.usual_quotes", *given)
            usual = Child(ChildSpec(name="usual", argv=argv, env={}, log=folder / "usual.log"))
            others = stand.contracts()[ACTIVE:]
            try:
                usual.start()
                await asyncio.sleep(warm_up_s)
                first = [await _time(stand, beside, usual, seconds) for seconds in alive]
                if silent:
                    for server in (stand.server, beside):
                        _silence(server, stand.contracts()[-SILENT:])
                    await asyncio.sleep(SILENT_WARM_UP_S)
                then = [await _time(stand, beside, usual, seconds) for seconds in silent]
            finally:
                await asyncio.to_thread(stop_all, [usual])
    # Only now: both simulators would stand still while a log is read.
    ledgers = list(stand.server.ledger_events), list(beside.ledger_events)
    return (
        [_window(ledgers, wire_log, others, times) for times in first],
        [_window(ledgers, wire_log, others[:-SILENT], times) for times in then],
    )


async def _time(
    stand: GatewayStand, beside: SimulatorServer, usual: Child, seconds: float
) -> Times:
    since = stand.server.now(), beside.now()
    await asyncio.sleep(seconds)
    until = stand.server.now(), beside.now()
    if usual.exit_status is not None:
        raise SlotwiseError(f"the usual way ended: {usual.last_words()}")
    status = await asyncio.to_thread(StatusBoard(stand.bus).get, GatewayStatus)
    promised_s = status.rotation.others.planned_s if status and status.rotation else None
    if promised_s is None:
        raise SlotwiseError("the gateway promises no age of quotes")
    return Times(since, until, promised_s)


def _window(
    ledgers: tuple[Sequence[LedgerEvent], Sequence[LedgerEvent]],
    wire_log: Path,
    others: Sequence[int],
    times: Times,
) -> Window:
    ours, usual = (
        account(ledger, others, since, until)
        for ledger, since, until in zip(ledgers, times.since, times.until, strict=True)
    )
    with wire_log.open() as lines:
        spent = other_messages(lines, ours.rate, times.since[0], times.until[0])
    return Window(
        ours=ours,
        usual=usual,
        lines_bound=IDLE / ours.takes_s,
        messages_bound=MOST - KEPT_FREE - spent,
        promised_s=times.promised_s,
    )


def _silence(server: SimulatorServer, con_ids: Sequence[int]) -> None:
    for con_id in con_ids:
        line = json.dumps({"do": "dead", "con_id": con_id}).encode()
        answer = json.loads(dispatch(line, server.world, server, server.now()))
        if not answer["ok"]:
            raise SlotwiseError(f"the simulator does not silence {con_id}: {answer}")
