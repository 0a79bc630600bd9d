"""Starts of a gateway with many contracts of every kind, counted from the simulator's wire log."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.lake.contracts import kept_contracts
from slotwise.lake.lander import Lander
from slotwise.lake.store import Lake
from tests.integration.gateway.gateway_floor import broker_of
from tests.integration.gateway.running_gateway import MemoryRegistry, config, running
from tests.integration.simulator.simulator_process import running as simulator
from tests.support.mixed_portfolio import FIRST_ID, WATCHED, type_of, write_portfolio
from tws_simulator.config import SimulatorConfig
from tws_simulator.control.dispatch import dispatch
from tws_simulator.server import SimulatorServer
from workers.gateway.gateway import Gateway

#: Messages to TWS: contract details, market data.
DETAILS, MARKET_DATA = "9", "1"
#: Types whose details TWS does not have.
UNDEFINED = frozenset(("SLB",))
#: Boards and logs are read again after this, seconds.
LOOK_S = 0.5
#: The same of a large portfolio: reading 10,000 holdings takes the gateway's loop a moment.
LOOK_LARGE_S = 5.0
#: Contracts from which on a portfolio is large, and its simulator a process of its own.
LARGE = 2000


@dataclass(frozen=True)
class Sent:
    """One message of the gateway, as the simulator got it."""

    at: float
    fields: Sequence[str]
    state: str

    @property
    def asks_details_of(self) -> int | str | None:
        """Return the contract id or the symbol of a details request; None for anything else."""
        if self.fields[0] != DETAILS:
            return None
        return int(self.fields[3]) or self.fields[4]


class Wire:
    """What a gateway sent, read from a wire log."""

    def __init__(self, log: Path) -> None:
        text = log.read_text() if log.exists() else ""
        lines = [json.loads(line) for line in text.splitlines()]
        #: How often a client has connected.
        self.connections = sum(line["kind"] == "open" for line in lines)
        # A message that TWS made wait is noted again when it is worked off.
        self.sent = [
            Sent(line["t"], line["fields"], line.get("state", ""))
            for line in lines
            if line["kind"] == "frame" and line["dir"] == "in" and line.get("state") != "released"
        ]
        self.look_ups = [one for one in self.sent if one.asks_details_of is not None]

    def times_asked(self) -> Counter[int | str]:
        """Count the requests for details of each contract."""
        return Counter(key for one in self.look_ups if (key := one.asks_details_of) is not None)

    def order(self) -> list[int | str]:
        """List whose details were asked for, in order, each once."""
        return list(self.times_asked())

    def most_within(self, seconds: float, messages: Iterable[Sent]) -> int:
        """Return the most messages that came within so many seconds."""
        window: deque[float] = deque()
        most = 0
        for one in messages:
            window.append(one.at)
            while window[0] <= one.at - seconds:
                window.popleft()
            most = max(most, len(window))
        return most

    def delayed(self) -> int:
        """Count the messages that TWS made wait or rejected for their pace."""
        return sum(one.state in ("waits", "rejected") for one in self.sent)

    def look_up_seconds(self) -> float:
        """Return the time from the first request for details to the last."""
        return self.look_ups[-1].at - self.look_ups[0].at if self.look_ups else 0.0


class Walk:
    """A simulator with a mixed portfolio, a lake, and starts of gateways on both."""

    def __init__(self, bus: Bus, lake: Lake, folder: Path, contracts: int) -> None:
        self.bus = bus
        self.lake = lake
        self.contracts = contracts
        self.registry = MemoryRegistry()
        self._folder = folder
        self._starts = 0
        self._port = 0
        self._server: SimulatorServer | None = None

    @property
    def server(self) -> SimulatorServer:
        """Return the simulator that runs."""
        assert self._server is not None
        return self._server

    def do(self, **command: Any) -> None:
        """Give the simulator a command."""
        line = json.dumps(command).encode()
        answer = json.loads(dispatch(line, self.server.world, self.server, self.server.now()))
        assert answer["ok"], answer

    @asynccontextmanager
    async def tws(self) -> AsyncIterator[None]:
        """Run a simulator for the block, with a wire log of its own."""
        self._starts += 1
        portfolio = write_portfolio(self._folder / "portfolio.json", self.contracts)
        if self.contracts >= LARGE:
            with simulator("--portfolio", str(portfolio), "--wire-log", str(self._log)) as (
                _,
                port,
            ):
                self._port = port
                yield
            return
        made = SimulatorConfig(portfolio=portfolio, wire_log=self._log)
        async with SimulatorServer(made) as self._server:
            self._port = self._server.port
            yield

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Gateway]:
        """Run a gateway for the block; it starts from what the lake has."""
        settings = config(
            self.bus,
            ib_port=self._port,
            rotation=True,
            poll_interval_s=30.0,
            watch=tuple(WATCHED),
            watch_interval_s=15.0,
        )

        def read() -> Sequence[Any]:
            return kept_contracts(self.lake)

        async with running(
            settings, broker_of(settings), self.bus, self.registry, kept_contracts=read
        ) as gateway:
            yield gateway
        Lander(self.lake, LandingStream(self.bus)).land(datetime.now(UTC))

    @property
    def _log(self) -> Path:
        return self._folder / f"wire-{self._starts}.jsonl"

    def wire(self) -> Wire:
        """Read what was sent to the newest simulator."""
        return Wire(self._log)

    def unvalued(self) -> set[int]:
        """Name the holdings on the board whose magnifier is unknown; all where there is none."""
        board = SnapshotBoard(self.bus).all()
        if board is None:
            return set(self.ids())
        known = {p.contract.con_id for p in board[1] if p.contract.price_magnifier is not None}
        return set(self.ids()) - known

    def ids(self) -> range:
        """Return the contract ids of all holdings."""
        return range(FIRST_ID, FIRST_ID + self.contracts)

    def undefined(self) -> set[int]:
        """Name the holdings whose details TWS does not have."""
        return {con_id for con_id in self.ids() if type_of(con_id) in UNDEFINED}

    def known(self) -> set[int]:
        """Name the holdings whose details the lake has, or why there are none."""
        return {one.con_id for one in kept_contracts(self.lake)} & set(self.ids())

    async def until_unvalued(self, left: set[int], timeout_s: float) -> None:
        """Wait until the board lacks the magnifiers of these holdings alone."""
        async with asyncio.timeout(timeout_s):
            while self.unvalued() != left:  # noqa: ASYNC110  # no event is set for it
                await asyncio.sleep(LOOK_S if self.contracts < LARGE else LOOK_LARGE_S)

    async def until_asked(self, count: int, timeout_s: float) -> None:
        """Wait until the details of so many contracts were asked for."""
        async with asyncio.timeout(timeout_s):
            while len(self.wire().look_ups) < count:  # noqa: ASYNC110  # no event is set for it
                await asyncio.sleep(LOOK_S / 10)
