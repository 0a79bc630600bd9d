"""Activation: from the word to the request on the wire, with every line in use."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.activation_figures import GROUPS, LINES, Took, part_of
from benchmarks.child_process import Asked
from benchmarks.figures import Part
from benchmarks.gateway_harness import CLIENT_ID, GatewayStand, gateway_stand
from benchmarks.harness import own_redis, until
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from tws_simulator.config import SimulatorConfig

#: Contracts, and those in active strategies.
POSITIONS, ACTIVE = 200, 4
#: Changes of strategies that the registry has before, of which maintenance has joined none: more
#: than it ever sees, which runs every five minutes.
EARLIER = 2000
#: Activations of each kind, more than 100 for a 99th percentile.
TIMES = 120
#: Quotes take all lines within this, seconds.
WARM_UP_S = 8.0
#: Time after each, seconds: four of them are more than a line's shortest turn.
REST_S = 0.075
#: No activation begins after this, seconds: a busy machine makes fewer of them.
LONGEST_S = 50.0
#: Gateways, each with a lake of its own.
GATEWAYS = ("rotation", "quick", "idle")
#: A request is on the wire within this, seconds.
WIRE_S = 30.0
#: Client id of bare ib_async.
BARE = 71


def run(share: float) -> Part:
    """Measure all of them in turn."""
    times, earlier = max(GROUPS, round(TIMES * share)), max(20, round(EARLIER * share))
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        first, *others = (Path(name) / stand / "lake" for stand in GATEWAYS)
        _change_before(first, earlier)
        for other in others:
            shutil.copytree(first, other)
        took = asyncio.run(_measure(Path(name), times, max(1.5, WARM_UP_S * share)))
        return part_of(took, earlier)


def _change_before(lake: Path, count: int) -> None:
    """Write a registry of `count` changes into a new lake, each a file of its own."""
    made = Lake(str(lake))
    made.create()
    registry = open_registry(made)
    for number in range(count // 2):
        name = f"earlier-{number % 20}"
        registry.activate(name, [1 + number % 300], datetime.now(UTC))
        registry.close(name, datetime.now(UTC))


async def _measure(folder: Path, times: int, warm_up_s: float) -> dict[str, list[Took]]:
    took: dict[str, list[Took]] = {"rotation": [], "quick": [], "idle": [], "bare": []}
    config = SimulatorConfig(positions=POSITIONS, lines=LINES, settle="measured")
    kind = replace(config, settle="quick")
    with own_redis(folder) as redis:
        async with (
            gateway_stand(folder / "rotation", redis.url, config, ACTIVE, rotation=True) as full,
            gateway_stand(folder / "quick", redis.url, kind, ACTIVE, rotation=True) as quick,
            gateway_stand(folder / "idle", redis.url, config, ACTIVE, rotation=False) as idle,
        ):
            await asyncio.sleep(warm_up_s)
            bare = Asked(
                folder / "bare.log",
                "benchmarks.baselines.one_line",
                str(idle.server.port),
                str(BARE),
            )
            with bare:
                known = (await asyncio.to_thread(bare.heard))["contracts"]
                ways: dict[str, Callable[[int], Awaitable[Took]]] = {
                    "rotation": lambda con_id: _gateway(full, con_id),
                    "quick": lambda con_id: _gateway(quick, con_id),
                    "idle": lambda con_id: _gateway(idle, con_id),
                    "bare": lambda con_id: _bare(idle, bare, con_id),
                }
                free = [con_id for con_id in known if con_id not in full.contracts()[:ACTIVE]]
                end = time.monotonic() + LONGEST_S
                for number_ in range(times):
                    if number_ >= GROUPS and time.monotonic() > end:
                        break
                    for name in in_turn(tuple(ways), number_):
                        took[name].append(await ways[name](free[number_ % len(free)]))
                        await asyncio.sleep(REST_S)
    return took


def in_turn(names: Sequence[str], number_: int) -> tuple[str, ...]:
    """Order names so that another one is first each time."""
    first = number_ % len(names)
    return (*names[first:], *names[:first])


async def _gateway(stand: GatewayStand, con_id: int) -> Took:
    call = await stand.activate("now", [con_id])
    at = await _on_wire(stand, con_id, call.called_at, CLIENT_ID)
    closed = await stand.close("now")
    cancels = [event.t for event in stand.events("cancel", since=call.called_at) if event.t <= at]
    return Took(
        seconds=at - call.called_at,
        in_use=_in_use(stand, call.called_at),
        call_s=call.returned_at - call.called_at,
        cancel_s=cancels[-1] - call.called_at if cancels else None,
        record_s=closed.record_s,
        message_s=closed.message_s,
    )


async def _bare(stand: GatewayStand, bare: Asked, con_id: int) -> Took:
    sent_at = stand.server.now()
    await asyncio.to_thread(bare.ask, con_id=con_id)
    at = await _on_wire(stand, con_id, sent_at, BARE)
    return Took(at - sent_at, _in_use(stand, sent_at))


def _in_use(stand: GatewayStand, at: float) -> int:
    """Return the lines that were in use at a time, by the ledger's newest event before it."""
    ledger = reversed(stand.server.ledger_events)
    return next((event.held for event in ledger if event.t < at), 0)


async def _on_wire(stand: GatewayStand, con_id: int, since: float, client_id: int) -> float:
    def asked() -> list[float]:
        return [
            event.t
            for event in stand.events("open", since=since)
            if event.con_id == con_id and event.client_id == client_id
        ]

    await until(lambda: bool(asked()), WIRE_S, "the request is on the wire")
    return asked()[0]
