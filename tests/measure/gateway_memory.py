"""See whether a gateway's memory grows: python -m tests.measure.gateway_memory [--minutes M]
[--activations N].

A gateway as a process of its own does within M minutes what it does in ten hours of ordinary
life, or as much of it as can be hurried:

* 600 activations and 600 closes (one a minute), 1,200 polls (one in 30 s), 300 fills, 10 drops of
  the connection and 20 farm blips: all of them;
* ticks: the simulator sends at least `TICKS_PER_S` over all lines;
* quotes by rotation: only what TWS's 50 messages a second allow, so M minutes' worth.

The registry's table, to which each activation adds a file, is compacted now and then: a read of
it takes memory by its files, which is another question.

Prints resident memory, objects, allocated blocks and open files after a warm-up and at the end;
exits with 1 when memory grew by more than `GROWTH`, or files stayed open.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import psutil
from deltalake import DeltaTable

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow, RegistryChanged
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.lake.registry_store import open_registry
from slotwise.lake.schemas import STRATEGY_REGISTRY
from slotwise.lake.store import Lake
from slotwise.registry import StrategyRegistry
from tests.integration.gateway.test_command import COMMAND, environment
from tests.measure.census import FILE
from tests.measure.embedded_redis import embedded_redis
from tests.unit.gateway.listeners import until
from workers.simulator.config import SimulatorConfig
from workers.simulator.control.obey import obey
from workers.simulator.server import SimulatorServer

POSITIONS, ACTIVE = 200, 20
TICKS_PER_S = 1500
#: How often each thing happens in ten hours.
ACTIVATIONS, POLLS, FILLS, DROPS, BLIPS = 600, 1200, 300, 10, 20
#: How often the registry's table is compacted meanwhile.
COMPACTIONS = 40
#: Share of the run after which memory is compared with the end: caches are warm by then.
WARM_UP = 0.25
#: Most that memory may grow after that, as a share: what an allocator keeps in reserve varies.
GROWTH = 0.05
#: Files more at the end are no leak: a socket that is just closing, a table that is just read.
FILES = 3
#: A gateway starts, or ends, within this, seconds.
START_S = 60.0
#: Entries that a lake worker would have landed are dropped this often, seconds.
TRIM_S = 2.0
#: Entries read at once to be dropped.
MANY = 10_000


@dataclass
class Life:
    """What a gateway's life is made of, and what is counted of it."""

    simulator: SimulatorServer
    registry: StrategyRegistry
    bus: Bus
    lake: str
    random: Random
    done: dict[str, int]

    def obey(self, **command: object) -> None:
        """Give the simulator a command."""
        simulator = self.simulator
        answer = obey(json.dumps(command).encode(), simulator.world, simulator, simulator.now())
        assert json.loads(answer)["ok"], answer
        simulator.wake()

    def contracts(self, count: int) -> list[int]:
        """Pick some of what is held."""
        held = sorted({p.contract.con_id for p in self.simulator.world.accounts.positions()})
        return self.random.sample(held, count)

    async def activate(self) -> None:
        """Open a strategy, and close the one before."""
        legs, now = self.contracts(4), datetime.now(UTC)
        await asyncio.to_thread(
            self.registry.activate, "churn", legs, now, self.random.randint(1, 9)
        )
        Commands(self.bus).send(RegistryChanged())
        await asyncio.sleep(0.05)
        await asyncio.to_thread(self.registry.close, "churn", datetime.now(UTC))
        Commands(self.bus).send(RegistryChanged())

    async def poll(self) -> None:
        """Ask for positions."""
        Commands(self.bus).send(PollNow("memory"))

    async def fill(self) -> None:
        """Change a holding."""
        [con_id] = self.contracts(1)
        self.obey(do="position", con_id=con_id, quantity=self.random.randint(1, 500))

    async def drop(self) -> None:
        """Cut the connection."""
        self.obey(do="drop")

    async def blip(self) -> None:
        """Lose a farm for a moment; three lines stay dead."""
        self.obey(do="notice", code=2103, farm="usopt")
        await asyncio.sleep(0.2)
        self.obey(do="notice", code=2104, farm="usopt", dead=3)

    async def trim(self) -> None:
        """Drop what a lake worker would have landed."""
        stream = LandingStream(self.bus)
        entries = await asyncio.to_thread(stream.read, 0, MANY)
        if entries:
            stream.drop(entries[-1].offset)

    async def compact(self) -> None:
        """Make the files of the registry's table one."""
        table = DeltaTable(Lake(self.lake).uri(STRATEGY_REGISTRY.name))
        await asyncio.to_thread(table.optimize.compact)

    async def again(self, what: Callable[[], Awaitable[None]], every_s: float) -> None:
        """Do something again and again, and count it."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += every_s
            await asyncio.sleep(max(due - loop.time(), 0.0))
            await what()
            name = getattr(what, "__name__", "?")
            self.done[name] = self.done.get(name, 0) + 1


async def live(life: Life, seconds: float, activations: int, look: Callable[[], None]) -> None:
    """Let everything happen for a while, and look now and then."""
    rates: list[tuple[Callable[[], Awaitable[None]], int]] = [
        (life.activate, activations),
        (life.poll, POLLS),
        (life.fill, FILLS),
        (life.drop, DROPS),
        (life.blip, BLIPS),
        (life.compact, COMPACTIONS if activations else 0),
    ]
    # The last of each would fall on the end.
    tasks = [asyncio.create_task(life.again(w, seconds / (n + 0.5))) for w, n in rates]
    tasks.append(asyncio.create_task(life.again(life.trim, TRIM_S)))
    loop = asyncio.get_running_loop()
    end_at = loop.time() + seconds
    while loop.time() < end_at:
        await asyncio.wait(tasks, timeout=seconds / 100, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
        look()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def measure(minutes: float, activations: int, bus: Bus, folder: Path) -> bool:
    """Run a gateway and say how it grew; True when it did not."""
    census, lake = folder / "census", str(folder / "lake")
    registry = open_registry(lake)
    config = SimulatorConfig(positions=POSITIONS, tick_rate=TICKS_PER_S)
    async with SimulatorServer(config) as simulator:
        life = Life(simulator, registry, bus, lake, Random(1), {})
        registry.activate("desk", life.contracts(ACTIVE), datetime.now(UTC))
        env = environment(
            bus,
            Path(lake),
            SLOTWISE_IB_PORT=str(simulator.port),
            SLOTWISE_HANDLERS="tests.measure.census:Census",
        )
        env[FILE] = str(census)
        gateway = await asyncio.create_subprocess_exec(
            *COMMAND, env=env, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await until(lambda: SnapshotBoard(bus).head(), START_S)
            process = psutil.Process(gateway.pid)
            memory, files = [], []

            def look() -> None:
                memory.append(process.memory_info().rss)
                files.append(process.num_fds())

            await live(life, minutes * 60, activations, look)
            status = StatusBoard(bus).get(GatewayStatus)
            gateway.terminate()
            await asyncio.wait_for(gateway.wait(), START_S)
        finally:
            if gateway.returncode is None:
                gateway.kill()
        events = [event.event for event in simulator.ledger_events]
    counts = [json.loads(line) for line in census.read_text().splitlines()]
    ticks = status.ticks if status is not None else 0
    sys.stdout.write(
        f"in {minutes:g} minutes: {life.done}, {ticks} updates of lines, "
        f"{events.count('snapshot')} quotes\n"
    )
    return report(memory, files, counts)


def report(memory: list[int], files: list[int], counts: list[dict[str, object]]) -> bool:
    """Print what was counted after the warm-up and at the end; True when nothing grew."""
    warm, tenth = int(len(memory) * WARM_UP), max(len(memory) // 10, 1)
    before, after = max(memory[warm : warm + tenth]), max(memory[-tenth:])
    grew = (after - before) / before
    files_before, files_after = max(files[warm : warm + tenth]), max(files[-tenth:])
    course = ", ".join(f"{m / 2**20:.0f}" for m in memory[::tenth])
    sys.stdout.write(
        f"resident: {before / 2**20:.1f} MiB after the warm-up, {after / 2**20:.1f} MiB at the end "
        f"({grew:+.1%}); in its course {course}\n"
        f"open files: {files_before} and {files_after}\n"
    )
    early, late = counts[int(len(counts) * WARM_UP)], counts[-1]
    for name in ("objects", "blocks"):
        sys.stdout.write(f"{name}: {early[name]} and {late[name]}\n")
    kinds_early, kinds_late = early["kinds"], late["kinds"]
    assert isinstance(kinds_early, dict)
    assert isinstance(kinds_late, dict)
    more = sorted(((n - kinds_early.get(k, 0), k) for k, n in kinds_late.items()), reverse=True)
    sys.stdout.write("grew most: " + ", ".join(f"{k} {n:+}" for n, k in more[:8]) + "\n")
    return grew <= GROWTH and files_after <= files_before + FILES


def main() -> None:
    """Start a Redis, measure, and stop it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--activations", type=int, default=ACTIVATIONS)
    options = parser.parse_args()
    with embedded_redis() as bus, tempfile.TemporaryDirectory() as folder:
        steady = asyncio.run(measure(options.minutes, options.activations, bus, Path(folder)))
    sys.stdout.write("memory does not grow\n" if steady else "BROKEN: the gateway grows\n")
    sys.exit(0 if steady else 1)


if __name__ == "__main__":
    main()
