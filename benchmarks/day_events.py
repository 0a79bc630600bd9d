"""What happens in a gateway's day, and how often: the same to the gateway and to a bare client."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random

import msgspec

from benchmarks.control_link import ControlLink
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow, RegistryChanged
from slotwise.bus.landing_stream import LandingStream
from slotwise.lake.maintenance import maintain_table
from slotwise.lake.registry_store import open_registry
from slotwise.lake.schemas import STRATEGY_REGISTRY
from slotwise.lake.store import Lake

#: How often each thing happens in a run of full effort. Fills, drops of the connection and farm
#: blips are those of ten hours; activations (one a minute) and polls (one in 30 s) are those of
#: four, since more would leave nothing of TWS's 50 messages a second for quotes.
COUNTS = {"activate": 240, "poll": 480, "fill": 300, "drop": 10, "blip": 20}
#: The registry's table is looked after this often: it gets a file with each activation.
MAINTAINED = 20
#: What the gateway has sent is taken as landed this often, seconds; a beat is 5.
LAND_S = 2.0
#: Entries read at once to be dropped.
MANY = 10_000
#: A strategy has this many legs.
LEGS = 4
#: A strategy stays open for this share of the time until the next one.
OPEN_SHARE = 0.5
#: A farm is away this long, seconds, and this many of its lines stay dead.
BLIP_S, DEAD = 0.2, 3


def times(seconds: float, count: int) -> list[float]:
    """Spread a number of happenings evenly; none falls on the beginning or the end."""
    return [seconds * number / (count + 0.5) for number in range(1, count + 1)]


def counts_of(share: float) -> dict[str, int]:
    """Return how often each thing happens with a share of the full effort, each at least once."""
    return {name: max(1, math.ceil(count * share)) for name, count in COUNTS.items()}


class Links(msgspec.Struct, frozen=True):
    """Hold the control ports: of both simulators, and of the bare client."""

    simulators: Sequence[ControlLink]
    bare: ControlLink


class Life:
    """Let everything happen to both sides, and count it."""

    def __init__(self, bus: Bus, lake: str, links: Links, con_ids: Sequence[int]) -> None:
        self.done: Counter[str] = Counter()
        self._bus = bus
        self._commands = Commands(bus)
        self._lake = Lake(lake)
        self._lake.create()
        self._registry = open_registry(lake)
        self._links = links
        self._con_ids = con_ids
        #: The same portfolio and the same day in every run.
        self._random = Random(1)
        self._open_s = 0.0

    async def open(self, name: str, con_ids: Sequence[int], priority: int) -> None:
        """Activate a strategy on both sides."""
        now = datetime.now(UTC)
        await asyncio.to_thread(self._registry.activate, name, con_ids, now, priority)
        self._commands.send(RegistryChanged())
        await self._links.bare.send(do="open", con_ids=con_ids)

    async def close(self, name: str, con_ids: Sequence[int]) -> None:
        """Close it on both sides."""
        await asyncio.to_thread(self._registry.close, name, datetime.now(UTC))
        self._commands.send(RegistryChanged())
        await self._links.bare.send(do="close", con_ids=con_ids)

    async def pass_by(self, seconds: float, counts: Mapping[str, int]) -> None:
        """Run a period with everything that happens in it; raises the first error."""
        self._open_s = seconds / counts["activate"] * OPEN_SHARE
        what: dict[str, Callable[[], Awaitable[None]]] = {
            "activate": self._activate,
            "poll": self._poll,
            "fill": self._fill,
            "drop": self._drop,
            "blip": self._blip,
        }
        begins_at = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for name, do in what.items():
                due = times(seconds, counts[name])
                group.create_task(self._again(name, do, begins_at, due, seconds))
            maintained = times(seconds, MAINTAINED)
            group.create_task(
                self._again("maintain", self._maintain, begins_at, maintained, seconds)
            )
            landed = times(seconds, max(1, int(seconds / LAND_S)))
            group.create_task(self._again("land", self._land, begins_at, landed, seconds))

    async def _again(
        self,
        name: str,
        do: Callable[[], Awaitable[None]],
        begins_at: float,
        due: Sequence[float],
        seconds: float,
    ) -> None:
        loop = asyncio.get_running_loop()
        for at in due:
            await asyncio.sleep(max(begins_at + at - loop.time(), 0.0))
            if loop.time() > begins_at + seconds:
                # A machine that does not keep up does fewer; what was done is counted.
                return
            await do()
            self.done[name] += 1

    async def _activate(self) -> None:
        legs = self._random.sample(self._con_ids, LEGS)
        await self.open("churn", legs, self._random.randint(1, 9))
        await asyncio.sleep(self._open_s)
        await self.close("churn", legs)

    async def _poll(self) -> None:
        self._commands.send(PollNow("bench"))
        await self._links.bare.send(do="poll")

    async def _fill(self) -> None:
        con_id, quantity = self._random.choice(self._con_ids), self._random.randint(1, 500)
        await self._both(do="position", con_id=con_id, quantity=quantity)

    async def _drop(self) -> None:
        await self._both(do="drop")

    async def _blip(self) -> None:
        await self._both(do="notice", code=2103, farm="usopt")
        await asyncio.sleep(BLIP_S)
        await self._both(do="notice", code=2104, farm="usopt", dead=DEAD)

    async def _both(self, **command: object) -> None:
        await asyncio.gather(*(one.send(**command) for one in self._links.simulators))

    async def _maintain(self) -> None:
        today = datetime.now(UTC).date()
        await asyncio.to_thread(maintain_table, self._lake, STRATEGY_REGISTRY.name, today)

    async def _land(self) -> None:
        """Report to the gateway that all it has sent has landed, as a lake worker would."""
        await asyncio.to_thread(acknowledge, LandingStream(self._bus))


def acknowledge(stream: LandingStream) -> int:
    """Drop what is in the landing stream, report it to spools as landed, and count it."""
    entries = stream.read(0, MANY)
    upto: dict[str, int] = {}
    for entry in entries:
        if entry.origin is not None:
            upto[entry.origin.spool] = max(entry.origin.number, upto.get(entry.origin.spool, 0))
    stream.report_landed(upto)
    if entries:
        stream.drop(entries[-1].offset)
    return len(entries)
