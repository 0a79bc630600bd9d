"""The gateway over a real socket: the simulator's ledger is the witness."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow, RegistryChanged
from slotwise.errors import BrokerUnreachableError
from slotwise.rules.position_queue import URGENT
from tests.integration.gateway.gateway_floor import (
    CLIENT_ID,
    WATCHED,
    floor,
    held_ids,
    quotes_of,
    was_opened,
)
from tests.unit.gateway.listeners import Remembering, until
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts


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


def test_upstream_notices(bus: Bus) -> None:
    """1100 asks for nothing, 1102 goes on with the same lines, 1101 asks for all again."""

    async def run() -> None:
        async with floor(bus) as f:
            await f.steady(20)
            await until(lambda: not any(line.stale for line in f.gateway.table.held.values()))
            f.do(do="notice", code=1100)
            await until(lambda: not f.gateway.session.ready.is_set())
            f.do(do="notice", code=1102)
            await until(lambda: f.gateway.session.ready.is_set())
            assert len(f.events("open")) == 20
            await until(lambda: not any(line.stale for line in f.gateway.table.held.values()))
            f.do(do="notice", code=1101)
            await until(lambda: len(f.events("open")) == 40)
            await f.steady(20)
            assert f.events("reject") == []
        reported = [(r["event"], (r["reason"] or "")[:15]) for r in f.landing.rows("line_events")]
        assert reported.count(("lost", "TWS notice 1100")) == 20
        assert [event for event, _ in reported].count("returned") == 20
        assert reported.count(("lost", "TWS notice 1101")) == 20

    asyncio.run(run())


def test_a_missing_end_closes_nothing(bus: Bus) -> None:
    """An answer without its end is asked for again, and no holding seems closed meanwhile."""

    async def run() -> None:
        async with floor(bus, timeouts=Timeouts(positions_s=0.3)) as f:
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
    """TWS sends a part of it and ends as if that were all: the gateway asks again at once."""

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


def test_a_portfolio_that_an_answer_lacks_is_kept_and_shown_as_unknown(bus: Bus) -> None:
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
            await until(lambda: not f.gateway.status().unknown)
            assert f.landing.closed() == []

    asyncio.run(run())
