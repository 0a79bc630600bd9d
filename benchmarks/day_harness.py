"""The processes of a day: a gateway with its Redis, a bare client, and a simulator for each."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import psutil

from benchmarks.control_link import ControlLink
from benchmarks.day_events import Links
from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.errors import BusError, SlotwiseError
from workers.stack.child import Child, ChildSpec, stop_all
from workers.stack.ports import free_port
from workers.stack.processes import gateway_spec, redis_spec, simulator_spec

#: Positions of the portfolio; the default of the simulator.
POSITIONS = 200
#: Ticks a second that each simulator sends over all lines at least.
TICKS_PER_S = 1500
#: Each process has begun within this, seconds, on a busy machine too.
START_S = 60.0
#: Look this often whether something has begun, seconds.
LOOK_S = 0.05
#: Client ids of the two sides.
OURS, BARE = 17, 99


class Stand(msgspec.Struct, frozen=True):
    """Hold what a day is played on."""

    gateway: psutil.Process
    bare: psutil.Process
    bus: Bus
    lake: str
    links: Links
    con_ids: tuple[int, ...]
    #: Ledgers of the gateway's simulator and of the bare client's.
    ledgers: tuple[Path, Path]


@asynccontextmanager
async def stand(folder: Path) -> AsyncIterator[Stand]:
    """Start everything for the block, and stop it; raises SlotwiseError where it does not start."""
    children: list[Child] = []
    redis_port, bare_control = free_port(), free_port()
    bus = Bus(f"redis://127.0.0.1:{redis_port}/0")
    ledgers = (folder / "ours.jsonl", folder / "bare.jsonl")

    def start(spec: ChildSpec) -> Child:
        child = Child(spec)
        children.append(child)
        child.start()
        return child

    async with AsyncExitStack() as stack:
        stack.callback(bus.close)
        # In this thread: a child gets a signal when the thread that started it ends.
        stack.callback(stop_all, children)
        redis = start(redis_spec(redis_port, folder))
        links, ports = [], []
        for ledger in ledgers:
            port, control = free_port(), free_port()
            simulator = start(_simulator(port, control, ledger, folder / ledger.stem))
            link = await _link(simulator, control)
            links.append(await stack.enter_async_context(link))
            ports.append(port)
        await _until(lambda: _answers(bus), redis)
        lake = str(folder / "lake")
        gateway = start(gateway_spec(_environment(bus, lake, ports[0]), folder))
        bare = start(_bare(ports[1], bare_control, folder))
        await _until(lambda: SnapshotBoard(bus).head() is not None, gateway)
        link = await _link(bare, bare_control)
        await stack.enter_async_context(link)
        held = SnapshotBoard(bus).all()
        con_ids = sorted({p.contract.con_id for p in held[1]} if held else ())
        yield Stand(
            psutil.Process(gateway.pid or os.getpid()),
            psutil.Process(bare.pid or os.getpid()),
            bus,
            lake,
            Links(links, link),
            tuple(con_ids),
            ledgers,
        )


def _simulator(port: int, control: int, ledger: Path, state: Path) -> ChildSpec:
    options = {
        "--port": port,
        "--control": control,
        "--ledger": ledger,
        "--positions": POSITIONS,
        "--tick-rate": TICKS_PER_S,
    }
    words = [str(word) for pair in options.items() for word in pair]
    return simulator_spec(tuple(words), {}, state)


def _environment(bus: Bus, lake: str, port: int) -> dict[str, str]:
    return {
        "SLOTWISE_REDIS_URL": bus.url,
        "SLOTWISE_KEY_PREFIX": bus.prefix,
        "SLOTWISE_LAKE": lake,
        "SLOTWISE_SPOOL": "",
        "SLOTWISE_IB_HOST": "127.0.0.1",
        "SLOTWISE_IB_PORT": str(port),
        "SLOTWISE_IB_CLIENT_ID": str(OURS),
        "SLOTWISE_HANDLERS": "",
        "SLOTWISE_HEALTH_PORT": "0",
    }


def _bare(port: int, control: int, state: Path) -> ChildSpec:
    argv = (
        sys.executable, "-m", "benchmarks.baselines.day_client", str(port), str(BARE), str(control)
    )  # fmt: skip
    log = state / "logs" / "bare.log"
    return ChildSpec(name="bare client", argv=argv, env={}, log=log, stop_order=3)


def _check(child: Child) -> None:
    if child.exit_status is not None:
        raise SlotwiseError(f"{child.spec.name} ended: {child.last_words()}")


async def _link(child: Child, port: int) -> ControlLink:
    return await ControlLink.open(child.spec.name, port, START_S, lambda: _check(child))


async def _until(ready: Callable[[], bool], child: Child) -> None:
    loop = asyncio.get_running_loop()
    end_at = loop.time() + START_S
    while not ready():
        _check(child)
        if loop.time() > end_at:
            raise SlotwiseError(f"{child.spec.name} has not begun within {START_S:g} s")
        await asyncio.sleep(LOOK_S)


def _answers(bus: Bus) -> bool:
    try:
        bus.ping()
    except BusError:
        return False
    return True
