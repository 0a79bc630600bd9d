"""A random walk of all that happens to lines in a day, over a real socket, as fast as it goes.

Steps are sent in bursts, without waiting for what they cause. After each burst the simulator's
ledger has to come to what the registry and the account's limit ask for.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow, RegistryChanged
from slotwise.rules.registry_changes import Reading
from tests.integration.gateway.gateway_floor import CLIENT_ID, WATCHED, Floor, broker_of, held_ids
from tests.integration.gateway.running_gateway import MemoryRegistry, config, running
from tests.support.line_witness import LineWitness
from tests.unit.gateway.listeners import until
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer

#: Lines of the account at most, and at least: few, so that contracts compete for them.
MOST_LINES, FEWEST_LINES = 20, 6
POSITIONS = 80
STRATEGIES = [f"desk-{number}" for number in range(14)]
#: Steps between two times that the lines have to come to rest.
BURST = 40
#: Steps are this far apart at most, seconds: some meet the work of the one before, some do not.
GAP_S = 0.02
#: A quote in turn streams no longer than this, seconds.
IN_TURN_S = 15.0
#: Longest wait for the lines to be what they must, seconds: a half-open peer is found in 6.5 s.
TIMEOUT_S = 60.0
#: How often each kind of step comes, of their sum.
WEIGHTS = {
    "activate": 300,
    "close": 180,
    "priority": 150,
    "fill": 250,
    "poll": 60,
    "limit": 30,
    "farm": 10,
    "upstream": 8,
    "lost": 4,
    "drop": 6,
    "restart": 1,
    "half_open": 1,
}


class SteadyRegistry(MemoryRegistry):
    """Return the same from one reading to the next, as the real one does."""

    def take(self, reading: Reading) -> bool:
        self._read = MemoryRegistry(dict(self.strategies))
        return True

    def wanted(self) -> dict[int, int]:
        return self._read.wanted()

    def quantities(self, con_id: int) -> Mapping[str, Decimal]:
        return {}

    def owners(self, con_id: int) -> tuple[str, ...]:
        return self._read.owners(con_id)

    def truth(self) -> dict[int, int]:
        """Map each contract that is active now to its priority."""
        return MemoryRegistry.wanted(self)


@dataclass
class Churn:
    """What a walk has done and seen."""

    floor: Floor
    registry: SteadyRegistry
    witness: LineWitness
    steps: Counter[str] = field(default_factory=Counter)
    settled_s: list[float] = field(default_factory=list)

    def wanted(self) -> dict[int, int]:
        """Map each active contract to its priority, as the registry has it now."""
        return self.registry.truth()

    def look(self) -> None:
        """Follow the ledger up to now; what was read is dropped from it."""
        events = self.floor.simulator.ledger_events
        while events:
            self.witness.take([events.popleft()])
        self.witness.limit_is(self.floor.simulator.world.lines.limit)

    def at_rest(self) -> bool:
        """Return True where the lines on the ledger are those that must be held."""
        self.look()
        wanted, held = self.wanted(), set(self.witness.held())
        limit = self.floor.simulator.world.lines.limit
        room = limit - self.floor.gateway.table.kept_for_quotes
        # A short stream of another contract is a quote in turn.
        held -= self.witness.young(self.floor.simulator.now(), IN_TURN_S) - wanted.keys()
        if not held <= wanted.keys() or len(held) < min(room, len(wanted)):
            return False
        lowest = max((wanted[con_id] for con_id in held), default=0)
        left_out = [rank for con_id, rank in wanted.items() if con_id not in held]
        return all(rank >= lowest for rank in left_out)


@asynccontextmanager
async def churning(
    bus: Bus, *, rotation: bool = True, witness: LineWitness | None = None
) -> AsyncIterator[Churn]:
    """Run a simulator and a gateway on it, with nothing active yet."""
    witness = witness or LineWitness()
    async with SimulatorServer(SimulatorConfig(positions=POSITIONS, lines=MOST_LINES)) as simulator:
        settings = config(
            bus,
            ib_port=simulator.port,
            ib_client_id=CLIENT_ID,
            lines=MOST_LINES,
            rotation=rotation,
            watch=WATCHED,
        )
        registry = SteadyRegistry()
        async with running(settings, broker_of(settings), bus, registry) as gateway:
            churn = Churn(Floor(simulator, gateway, registry, bus), registry, witness)
            await until(lambda: gateway.poller.polled_at is not None)
            yield churn
        churn.look()


async def walk(churn: Churn, steps: int, seed: int) -> None:
    """Take the steps; raises TimeoutError when lines do not come to what they must be."""
    walker = _Walker(churn, Random(seed))
    loop = asyncio.get_running_loop()
    for number in range(1, steps + 1):
        walker.step()
        churn.look()
        await asyncio.sleep(walker.random.choice((0.0, walker.random.uniform(0.0, GAP_S))))
        if number % BURST == 0 or number == steps:
            walker.mend()
            began = loop.time()
            try:
                await until(churn.at_rest, TIMEOUT_S)
            except TimeoutError as error:
                raise TimeoutError(
                    f"not at rest after step {number}: {_standing(churn)}"
                ) from error
            churn.settled_s.append(loop.time() - began)


def _standing(churn: Churn) -> str:
    lines = churn.floor.simulator.world.lines
    return (
        f"limit {lines.limit}, held {churn.witness.held()}, wanted {churn.wanted()}, "
        f"gateway {churn.floor.gateway.status()}"
    )


class _Walker:
    """Take one step after another, each of a kind drawn by weight."""

    def __init__(self, churn: Churn, random: Random) -> None:
        self.random = random
        self._churn = churn
        self._floor = churn.floor
        self._contracts = held_ids(churn.floor.simulator)
        self._commands = Commands(churn.floor.bus)
        self._farms: set[str] = set()
        self._blind = False
        self._kinds = list(WEIGHTS)
        self._weights = list(itertools.accumulate(WEIGHTS.values()))

    def step(self) -> None:
        """Do something."""
        [kind] = self.random.choices(self._kinds, cum_weights=self._weights)
        self._churn.steps[kind] += 1
        getattr(self, f"_{kind}")()

    def mend(self) -> None:
        """Mend what a step broke for a while."""
        if self._blind:
            self._upstream()
        for farm in sorted(self._farms):
            self._do(do="notice", code=2104, farm=farm)
        self._farms.clear()

    def _do(self, **command: object) -> None:
        self._floor.do(**command)
        self._floor.simulator.wake()

    def _notify(self) -> None:
        self._commands.send(RegistryChanged())

    def _activate(self) -> None:
        name = self.random.choice(STRATEGIES)
        legs = self.random.sample(self._contracts, self.random.randint(1, 4))
        self._floor.registry.activate(name, legs, self.random.randint(1, 4))
        self._notify()

    def _close(self) -> None:
        self._floor.registry.strategies.pop(self.random.choice(STRATEGIES), None)
        self._notify()

    def _priority(self) -> None:
        strategies = self._floor.registry.strategies
        if strategies:
            name = self.random.choice(sorted(strategies))
            _, legs = strategies[name]
            strategies[name] = (self.random.randint(1, 4), legs)
            self._notify()

    def _fill(self) -> None:
        quantity = self.random.choice((0, 1, -3, 7, 100))
        self._do(do="position", con_id=self.random.choice(self._contracts), quantity=quantity)

    def _poll(self) -> None:
        self._commands.send(PollNow("churn"))

    def _limit(self) -> None:
        """Half of the time all lines are there again."""
        lines = self.random.choice((MOST_LINES, self.random.randint(FEWEST_LINES, MOST_LINES)))
        self._do(do="limit", lines=lines)
        self._churn.look()

    def _farm(self) -> None:
        farm = self.random.choice(["usfarm", "usopt", "usfuture"])
        if farm in self._farms:
            self._farms.remove(farm)
            self._do(do="notice", code=2104, farm=farm, dead=self.random.randint(0, 2))
        else:
            self._farms.add(farm)
            self._do(do="notice", code=2103, farm=farm)

    def _upstream(self) -> None:
        self._do(do="notice", code=self.random.choice((1101, 1102)) if self._blind else 1100)
        self._blind = not self._blind

    def _lost(self) -> None:
        self._do(do="notice", code=1101)
        self._blind = False

    def _drop(self) -> None:
        self._do(do="drop")

    def _restart(self) -> None:
        self._do(do="restart", seconds=0.3)
        self._blind = False
        self._farms.clear()

    def _half_open(self) -> None:
        self._do(do="silence")
