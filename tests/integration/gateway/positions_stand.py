"""A gateway's way of positions at a simulator, in virtual time, and a witness of what it says.

Session, broker, poller, holdings and router are the real ones, and so is the simulator with its
wire; the connection between them is in memory. The witness compares with the simulator's own
record: what handlers, the board and the lake are told of a holding may come late, and never out of
order or untrue.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import fakeredis
import pyarrow as pa

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.contract import PositionKey
from slotwise.position import Position, Snapshot
from slotwise.quote import Quote
from slotwise.rules.landing import Head, Rows
from slotwise.rules.lines import Claim
from tests.support.values import NOON
from tests.support.virtual_time import VirtualLoop
from tests.unit.gateway.listeners import Remembering
from tws_simulator.book.position import Position as Held
from tws_simulator.config import SimulatorConfig
from tws_simulator.control.dispatch import dispatch
from tws_simulator.server import SimulatorServer
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.broker import Upstream
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.outbox.publisher import Publisher, Step
from workers.gateway.positions.holdings import Holdings
from workers.gateway.positions.in_values import is_in_values
from workers.gateway.positions.poller import Poller
from workers.gateway.positions.queue_inserts import Insertions
from workers.gateway.positions.router import Router
from workers.gateway.session.session import Session
from workers.gateway.session.states import Event

CLIENT_ID = 17
#: Accounts of every form.
ACCOUNTS = ("DU0000001", "U2345678", "DUM345678", "F4567890", "ABC12XY9", "DFK567890")


@dataclass
class Witness:
    """Hold what the simulator has held, in order, and compare what is passed on of it."""

    history: dict[PositionKey, list[Decimal]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    passed_on: int = 0
    closed: int = 0
    _places: dict[tuple[str, PositionKey], int] = field(default_factory=lambda: defaultdict(int))

    def changed(self, held: Held, now: float) -> None:
        """Take a change of what is held."""
        key = held.account, held.contract.con_id
        self.history.setdefault(key, [Decimal(0)]).append(held.quantity)

    def hear(self, channel: str, key: PositionKey, quantity: Decimal) -> None:
        """Take what a channel gets: a quantity of that time, and none older than the last one."""
        self.passed_on += 1
        history, place = self.history.get(key, [Decimal(0)]), self._places[channel, key]
        while place < len(history) and history[place] != quantity:
            place += 1
        if place == len(history):
            reported = history[self._places[channel, key] :]
            self.broken.append(f"{channel} is told {quantity} of {key}, which was {reported}")
        else:
            self._places[channel, key] = place


class Spool:
    """Take the rows of closings that would land."""

    landed = 0

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def keep(self, head: Head, rows: pa.RecordBatch | None = None) -> int:
        if isinstance(head, Rows) and rows is not None:
            for row in rows.to_pylist():
                self._witness.closed += 1
                self._witness.hear("lake", (row["account"], row["con_id"]), Decimal(0))
        return 1


class AtOnce(Publisher):
    """Do each job as it comes."""

    def __init__(self) -> None:
        """Begin without a thread."""

    def send(self, *steps: Step, slot: str | None = None) -> None:
        for step in steps:
            step()


class Board(SnapshotBoard):
    """Keep the newest snapshot, without a Redis."""

    def __init__(self, witness: Witness) -> None:
        super().__init__(Bus.over(fakeredis.FakeRedis()))
        self._witness = witness

    def put(self, snapshot: Snapshot) -> None:
        for one in snapshot.positions:
            self._witness.hear("board", one.key, one.quantity)

    def amend(self, position: Position) -> None:
        self._witness.hear("board", position.key, position.quantity)


class Stand(Remembering):
    """The parts of a gateway that positions walk through; it listens to broker and session."""

    def __init__(self, loop: VirtualLoop, simulator: SimulatorServer, interval_s: float) -> None:
        super().__init__()
        self.simulator, self.witness = simulator, Witness()
        #: Answers to requests for positions.
        self.answers = 0
        accounts = simulator.world.accounts
        for held in accounts.positions():
            key = held.account, held.contract.con_id
            self.witness.history[key] = [Decimal(0), held.quantity]
        accounts.listen_first(self.witness.changed)
        self.broker = IbBroker("memory", simulator.port, CLIENT_ID)
        self.broker.listen(self)
        self.router = Router(
            AtOnce(),
            Board(self.witness),
            Insertions(Spool(self.witness)),
            stream=self._stream,
            numbering=self.broker.numbering,
        )
        # Every second contract is active: its changes go to handlers, the others to the queue.
        active = {con_id: Claim(1) for _, con_id in self.witness.history if con_id % 2}
        self.router.active = ActiveContracts(active, dict.fromkeys(active, ("s",)))
        self.poller = Poller(self.broker, interval_s, self._take, self._failed)
        self.holdings = Holdings(
            self.broker,
            self.router,
            self.poller.request,
            in_values=self._is_in_values,
            clock=loop.time,
        )
        self.session = Session(self.broker, self, 0.0)

    @property
    def held(self) -> dict[PositionKey, Decimal]:
        """Return what the gateway believes."""
        return {key: one.quantity for key, one in self.router.portfolio.by_key.items()}

    @property
    def truth(self) -> dict[PositionKey, Decimal]:
        """Return what the simulator holds."""
        held = self.simulator.world.accounts.positions()
        return {(one.account, one.contract.con_id): one.quantity for one in held}

    def do(self, **command: Any) -> None:
        """Give the simulator a command."""
        line = json.dumps(command).encode()
        simulator = self.simulator
        answer = json.loads(dispatch(line, simulator.world, simulator, simulator.now()))
        assert answer["ok"], answer
        simulator.wake()

    # What broker and session say.

    def on_position(self, position: Position) -> None:
        self.holdings.push(position)

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        self.session.on_upstream(upstream, reason)

    def on_disconnected(self, reason: str) -> None:
        self.session.on(Event.DROPPED, reason)

    def resume(self) -> None:
        self.holdings.session_began()
        self.poller.request()

    def pause(self) -> None:
        """Do nothing: there are no lines."""

    def lines_gone(self, reason: str) -> None:
        """Do nothing: there are no lines."""

    async def _take(self, snapshot: Snapshot) -> None:
        self.answers += 1
        await self.holdings.take(snapshot)

    def _failed(self, error: Any, requested_at: Any) -> None:
        self.holdings.failed(error, requested_at)

    def _stream(self, position: Position) -> None:
        self.witness.hear("handlers", position.key, position.quantity)

    def has_worth(self, con_id: int) -> bool:
        """Return True where a contract has a bid."""
        world = self.simulator.world
        contract = world.universe.get(con_id)
        return contract is not None and world.market.quote(contract, self.simulator.now()).has_bid

    def _is_in_values(self, position: Position) -> bool:
        con_id = position.contract.con_id
        bid = Decimal(1) if self.has_worth(con_id) else None
        quote = Quote(con_id=con_id, observed_at=NOON, source="snapshot", bid=bid)
        return is_in_values(position.contract, quote)


@asynccontextmanager
async def running_stand(
    loop: VirtualLoop, portfolio: Path, interval_s: float
) -> AsyncIterator[Stand]:
    """Run a simulator and the parts for the block; what ends them early is raised."""
    async with SimulatorServer(SimulatorConfig(portfolio=portfolio)) as simulator:
        stand = Stand(loop, simulator, interval_s)
        session = stand.session
        running: Sequence[asyncio.Task[None]] = [
            asyncio.create_task(one)
            for one in (
                session.run(), stand.poller.run(session.ready), stand.holdings.run(session.ready),
            )
        ]  # fmt: skip
        try:
            yield stand
            assert not any(task.done() for task in running), [t for t in running if t.done()]
        finally:
            for task in running:
                task.cancel()
            stand.holdings.close()
            await stand.broker.disconnect()
