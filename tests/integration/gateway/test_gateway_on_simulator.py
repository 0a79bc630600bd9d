"""The gateway over a real socket: the simulator's ledger is the witness."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow, RegistryChanged
from slotwise.errors import BrokerUnreachableError
from slotwise.rules.position_queue import URGENT
from slotwise.settings import Settings
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.unit.gateway.listeners import Remembering, until
from tws_simulator.config import SimulatorConfig
from tws_simulator.control.dispatch import obey
from tws_simulator.server import SimulatorServer
from tws_simulator.services.market_data.ledger import LedgerEvent
from workers.gateway.gateway import Gateway
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Patience
from workers.gateway.lines.in_flight import PATIENCE_S
from workers.gateway.lines.limit import PROBE_S

WATCHED = ("VIX", "SPY", "QQQ", "IWM")
CLIENT_ID = 31


@dataclass
class Floor:
    """A simulator, a gateway on it, and what can be seen of both."""

    simulator: SimulatorServer
    gateway: Gateway
    registry: MemoryRegistry
    bus: Bus

    @property
    def landing(self) -> Landing:
        return Landing(self.bus)

    def do(self, **command: Any) -> None:
        """Give the simulator a command."""
        simulator = self.simulator
        line = json.dumps(command).encode()
        answer = json.loads(obey(line, simulator.world, simulator, simulator.now()))
        assert answer["ok"], answer

    def activate(self, name: str, con_ids: Iterable[int], priority: int = 5) -> None:
        """Activate a strategy and tell the gateway."""
        self.registry.activate(name, con_ids, priority)
        Commands(self.bus).send(RegistryChanged())

    def events(self, *kinds: str) -> list[LedgerEvent]:
        """Read the ledger."""
        return [e for e in self.simulator.ledger_events if e.event in kinds]

    async def steady(self, held: int) -> None:
        """Wait until the simulator counts so many lines."""
        await until(lambda: self.simulator.world.lines.held == held)


def was_opened(f: Floor, con_id: int) -> bool:
    """Return whether the simulator ever opened a line of a contract."""
    return con_id in {event.con_id for event in f.events("open")}


def held_ids(simulator: SimulatorServer) -> list[int]:
    """Name the contracts of the simulator's portfolio."""
    return [p.contract.con_id for p in simulator.world.accounts.positions()]


def broker_of(settings: Settings, patience: Patience | None = None) -> IbBroker:
    return IbBroker(
        settings.ib_host,
        settings.ib_port,
        settings.ib_client_id,
        patience,
        delayed=settings.delayed_data,
    )


def quotes_of(f: Floor, source: str) -> list[dict[str, Any]]:
    """Read the rows of quotes that came this way."""
    return [row for row in f.landing.rows("quotes") if row["source"] == source]


@asynccontextmanager
async def floor(
    bus: Bus,
    *,
    positions: int = 200,
    lines: int = 100,
    active: int = 20,
    patience: Patience | None = None,
    wire_log: Path | None = None,
    settle: Literal["quick", "measured"] = "quick",
    **changes: Any,
) -> AsyncIterator[Floor]:
    made = SimulatorConfig(positions=positions, lines=lines, wire_log=wire_log, settle=settle)
    async with SimulatorServer(made) as simulator:
        registry = MemoryRegistry()
        if active:
            registry.activate("desk", held_ids(simulator)[:active])
        settings = config(
            bus, ib_port=simulator.port, ib_client_id=CLIENT_ID, **({"lines": lines} | changes)
        )
        broker = broker_of(settings, patience)
        async with running(settings, broker, bus, registry) as gateway:
            yield Floor(simulator, gateway, registry, bus)


def test_twenty_lines_for_two_hundred_positions(bus: Bus) -> None:
    """20 active of 200 without rotation: 20 lines and not one more, 180 queued, bars to watch."""

    async def run() -> None:
        async with floor(bus, watch=WATCHED, watch_interval_s=0.2) as f:
            await f.steady(20)
            await until(lambda: {r["symbol"] for r in quotes_of(f, "bar")} >= set(WATCHED))
            await until(lambda: len(f.landing.rows("position_updates")) >= 20)
            every, active = held_ids(f.simulator), set(f.registry.wanted())
            assert {i.con_id for i in f.landing.items()} == set(every) - active
            assert len(f.landing.items()) == 180
            assert {r["con_id"] for r in f.landing.rows("position_updates")} == active
            assert {r["symbol"] for r in f.landing.rows("quotes") if r["con_id"] not in active} == (
                set(WATCHED)
            )
            assert {e.con_id for e in f.events("open")} == active
            assert max(e.held for e in f.simulator.ledger_events) <= 20
            assert f.events("reject", "snapshot") == []
            await until(lambda: len(QuoteBoard(bus).get(list(active))) == 20)
        assert f.simulator.world.lines.held == 0

    asyncio.run(run())


def test_quotes_of_lines_land_with_sizes_and_greeks(bus: Bus) -> None:
    """Each once, however often it ticks within the interval."""

    async def run() -> None:
        async with floor(bus) as f:
            active = set(f.registry.wanted())
            await until(lambda: {r["con_id"] for r in quotes_of(f, "stream")} == active, 30)
            ticks = f.gateway.streamer.ticks
            await until(lambda: f.gateway.streamer.ticks > ticks + 100, 30)
            rows = quotes_of(f, "stream")
        assert len(rows) == len(active)
        assert all(row["bid"] is None or row["bid_size"] > 0 for row in rows)
        computed = [row for row in rows if row["delta"] is not None]
        assert computed
        for name in ("gamma", "vega", "theta", "underlying_price"):
            assert all(row[name] is not None for row in computed), name

    asyncio.run(run())


def test_an_activation_is_on_the_wire_at_once(bus: Bus) -> None:
    """No poll is waited for; a future is looked up first, as its position names no exchange."""

    async def run() -> None:
        async with floor(bus, active=0) as f:
            await until(lambda: SnapshotBoard(bus).head())
            futures = [
                p.contract.con_id
                for p in f.simulator.world.accounts.positions()
                if p.contract.sec_type == "FUT"
            ]
            chosen = [*held_ids(f.simulator)[-5:], futures[0]]
            f.activate("now", chosen)
            await until(lambda: len(f.events("open")) == len(set(chosen)), timeout_s=2)
            assert f.gateway.poller.polled_at is not None
            del f.registry.strategies["now"]
            Commands(bus).send(RegistryChanged())
            await f.steady(0)
            assert f.events("reject") == []

    asyncio.run(run())


def test_every_line_active_and_the_watchlist_on(bus: Bus) -> None:
    """Active contracts take all lines, quotes give way, and nothing is ever rejected."""

    async def run() -> None:
        async with floor(bus, lines=10, active=9, watch=WATCHED, watch_interval_s=0.05) as f:
            await f.steady(9)
            ids = held_ids(f.simulator)
            for number in range(9, 30):
                f.activate("last", [ids[number]])
                await until(partial(was_opened, f, ids[number]))
            await until(lambda: f.gateway.table.free() == 0)
            await until(lambda: [r for r in f.landing.rows("quotes") if r["source"] == "bar"])
            assert max(e.held for e in f.simulator.ledger_events) == 10
            assert f.events("reject") == []

    asyncio.run(run())


def test_a_smaller_limit_is_learnt(bus: Bus) -> None:
    """The account has fewer lines than configured: the most important contracts have them."""

    async def run() -> None:
        async with floor(bus, lines=30, active=0) as f:
            f.do(do="limit", lines=12)
            ids = held_ids(f.simulator)
            await until(lambda: SnapshotBoard(bus).head())
            f.activate("minor", ids[:10], priority=9)
            f.activate("major", ids[10:20], priority=1)
            await until(lambda: f.events("reject"))
            await until(lambda: set(ids[10:20]) <= set(f.gateway.table.held))
            await f.steady(12)
            await until(lambda: f.gateway.table.limit == 12)
            await until(lambda: len(f.gateway.streamer.without_line()) == 8, timeout_s=30)
            rejected = len(f.events("reject"))
            await asyncio.sleep(1)
            assert len(f.events("reject")) == rejected

    asyncio.run(run())


def test_tws_restarts(bus: Bus) -> None:
    """After a restart on the same port every line is back, and positions are polled."""

    async def run() -> None:
        async with floor(bus) as f:
            await f.steady(20)
            before = SnapshotBoard(bus).head()
            port = f.simulator.port
            await f.simulator.stop()
            await until(lambda: not f.gateway.session.ready.is_set())
            assert f.gateway.status().lines == {}
            f.simulator = SimulatorServer(SimulatorConfig(port=port))
            await f.simulator.start()
            await f.steady(20)
            await until(lambda: SnapshotBoard(bus).head() != before)
            assert f.events("reject") == []
            await f.simulator.stop()

    asyncio.run(run())


def test_a_limit_that_falls_and_rises_again(bus: Bus) -> None:
    """80 active, 60 lines after a reconnect: one refusal tells; then 100: all are there again."""

    async def run() -> None:
        async with floor(bus, active=80) as f:
            await f.steady(80)
            f.do(do="limit", lines=60)
            f.do(do="drop")
            await until(lambda: f.gateway.table.limit == 60, 20)
            await f.steady(60)
            first, *later = f.events("reject")
            # What comes after the one that told is a try for more, each in its own time.
            tries_s = [e.t - first.t for e in later]
            assert all(s >= n * PROBE_S * 0.9 for n, s in enumerate(tries_s, 1)), tries_s
            f.do(do="limit", lines=100)
            refused = len(f.events("reject"))
            await until(lambda: f.simulator.world.lines.held == 80, 20)
            assert len(f.events("reject")) == refused

    asyncio.run(run())


def test_a_slow_tws_refuses_one_line_when_its_limit_has_fallen(bus: Bus) -> None:
    """Each answer takes ten times the patience: nobody asks on while a refusal may come."""

    async def run() -> None:
        async with floor(bus, positions=20, lines=14, active=12) as f:
            await f.steady(12)
            f.do(do="limit", lines=6)
            f.do(do="slow", seconds=10 * PATIENCE_S)
            f.do(do="drop")
            await until(lambda: f.gateway.table.limit == 6, 20)
            first, *later = f.events("reject")
            assert [e for e in later if e.t - first.t < PROBE_S * 0.9] == []
            assert f.simulator.world.lines.held == 6

    asyncio.run(run())


def test_upstream_notices(bus: Bus) -> None:
    """1100 asks for nothing, 1102 goes on with the same lines, 1101 asks for all again."""

    async def run() -> None:
        async with floor(bus) as f:
            await f.steady(20)
            await until(lambda: not any(line.blind for line in f.gateway.table.held.values()))
            f.do(do="notice", code=1100)
            await until(lambda: not f.gateway.session.ready.is_set())
            f.do(do="notice", code=1102)
            await until(lambda: f.gateway.session.ready.is_set())
            assert len(f.events("open")) == 20
            await until(lambda: not any(line.blind for line in f.gateway.table.held.values()))
            f.do(do="notice", code=1101)
            await until(lambda: len(f.events("open")) == 40)
            await f.steady(20)
            assert f.events("reject") == []
        told = [(r["event"], (r["reason"] or "")[:15]) for r in f.landing.rows("line_events")]
        assert told.count(("lost", "TWS notice 1100")) == 20
        assert [event for event, _ in told].count("returned") == 20
        assert told.count(("lost", "TWS notice 1101")) == 20

    asyncio.run(run())


def test_a_missing_end_closes_nothing(bus: Bus) -> None:
    """An answer without its end is asked for again, and no holding seems closed meanwhile."""

    async def run() -> None:
        async with floor(bus, patience=Patience(positions_s=0.3)) as f:
            await until(lambda: SnapshotBoard(bus).head())
            first = SnapshotBoard(bus).head()
            f.do(do="withhold_position_end", count=1)
            Commands(bus).send(PollNow("test"))
            await until(lambda: SnapshotBoard(bus).head() != first)
            rows = f.landing.rows("position_updates")
            assert [r for r in rows if r["quantity"] == 0] == []
            assert {i.con_id for i in f.landing.items()} <= set(held_ids(f.simulator))

    asyncio.run(run())


def test_a_fill_is_used_at_once(bus: Bus) -> None:
    """A pushed change goes first into the queue, and a closing is a closing."""

    async def run() -> None:
        async with floor(bus) as f:
            await until(lambda: len(f.landing.items()) == 180)
            con_id = held_ids(f.simulator)[-1]
            f.do(do="position", con_id=con_id, quantity=77)
            await until(lambda: f.landing.items()[-1].priority == URGENT, timeout_s=2)
            assert f.landing.items()[-1].con_id == con_id
            account = f.landing.items()[-1].account

            def on_board() -> object:
                found = SnapshotBoard(bus).get([(account, con_id)])
                assert found is not None
                return found[1][account, con_id].quantity

            assert on_board() == 77
            f.do(do="position", con_id=con_id, quantity=0)
            await until(lambda: on_board() == 0)
            Commands(bus).send(PollNow("test"))
            await until(lambda: f.gateway.router.portfolio.of(con_id) == [])
            assert on_board() == 0

    asyncio.run(run())


def test_a_client_id_is_taken(bus: Bus) -> None:
    """The second gateway says so in one line instead of fighting for it."""

    async def run() -> None:
        async with floor(bus, active=0) as f:
            await until(lambda: SnapshotBoard(bus).head())
            second = IbBroker("127.0.0.1", f.simulator.port, CLIENT_ID)
            second.listen(Remembering())
            with pytest.raises(BrokerUnreachableError, match=f"refuses client id {CLIENT_ID}"):
                await second.connect(5)

    asyncio.run(run())


def test_five_thousand_positions(bus: Bus) -> None:
    """A hundred active of 5,000 on a hundred lines: all queued at once, none rejected."""

    async def run() -> None:
        async with floor(bus, positions=5000, lines=100, active=100) as f:
            await until(lambda: len(f.landing.items()) == 4900, timeout_s=30)
            await until(lambda: f.simulator.world.lines.held == 100, timeout_s=30)
            assert f.events("reject") == []

    asyncio.run(run())


def test_half_a_portfolio_closes_nothing(bus: Bus) -> None:
    """TWS tells a part of it and ends as if that were all: the gateway asks again at once."""

    async def run() -> None:
        async with floor(bus, poll_interval_s=1000.0) as f:
            await until(lambda: len(f.landing.items()) == 180)
            first = SnapshotBoard(bus).head()
            f.do(do="poll", kind="partial")
            Commands(bus).send(PollNow("test"))
            await until(lambda: SnapshotBoard(bus).head() != first)
            found = SnapshotBoard(bus).all()
            assert found is not None
            assert sum(p.quantity != 0 for p in found[1]) == 200
            rows = f.landing.rows("position_updates")
            assert [r for r in rows if r["quantity"] == 0] == []

    asyncio.run(run())


def test_a_portfolio_that_an_answer_lacks_is_kept_and_said_to_be_unknown(bus: Bus) -> None:
    """The account's own update still lists it."""

    async def run() -> None:
        async with floor(bus, active=0, poll_interval_s=1000.0) as f:
            await until(lambda: len(f.landing.items()) == 200)
            first = SnapshotBoard(bus).head()
            f.do(do="poll", kind="partial", missing=1, count=3)
            Commands(bus).send(PollNow("test"))
            await until(lambda: SnapshotBoard(bus).head() != first)
            found = SnapshotBoard(bus).all()
            assert found is not None
            assert len(found[1]) == 200
            assert all(p.quantity != 0 for p in found[1])
            assert "lacks 200 of 200" in f.gateway.status().detail
            await until(lambda: not f.gateway.status().unknown, timeout_s=20)
            assert f.landing.closed() == []

    asyncio.run(run())
