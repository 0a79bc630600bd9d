"""The whole gateway over a broker in memory and a real Redis."""

from __future__ import annotations

import asyncio
import threading

import pytest

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, CompareBook, PollNow, RegistryChanged
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.errors import BrokerUnreachableError, LakeError
from slotwise.position import Position
from tests.integration.gateway.memory_gateway import Desk, broker, close, sell, twenty
from tests.integration.gateway.running_gateway import Landing, config, running
from tests.support.values import option, position
from tests.unit.gateway.listeners import until
from workers.gateway.broker import Upstream
from workers.gateway.gateway import Gateway


def test_twenty_active_of_two_hundred(bus: Bus) -> None:
    """20 lines, 180 queued, every active holding lands although nothing ticks."""

    async def run() -> None:
        tws, landing = broker(), Landing(bus)

        def landed() -> set[int]:
            # A holding lands again where what is known of it has changed: at a slow start, twice.
            return {row["con_id"] for row in landing.rows("position_updates")}

        async with running(config(bus), tws, bus, twenty()):
            await until(lambda: len(tws.lines) == 20)
            await until(lambda: landed() == set(range(1, 21)))
        assert {i.con_id for i in landing.items()} == set(range(21, 201))
        assert tws.peak == 20
        assert tws.refused == []
        assert landed() == set(range(1, 21))
        assert all(r["strategy"] == "condors" for r in landing.rows("position_updates"))
        found = SnapshotBoard(bus).all()
        assert found is not None
        assert len(found[1]) == 200
        events = [r["event"] for r in landing.rows("line_events")]
        assert (events.count("opened"), events.count("lost")) == (20, 20)

    asyncio.run(run())


def test_ticks_reach_handlers_board_and_lake(bus: Bus) -> None:
    """A tick of an active contract is an update for every account that holds it."""

    async def run() -> None:
        tws, desk, registry = broker(), Desk(), twenty()
        tws.portfolio.append(position(1, -4, account="DU2", contract=option(1)))
        async with running(config(bus), tws, bus, registry, [desk]):
            await until(lambda: len(tws.lines) == 20)
            tws.tick(1, bid=2, ask=3)
            await until(lambda: [u for u in desk.seen if u.quote is not None])
            await until(lambda: QuoteBoard(bus).get([1]))
        priced = {u.position.account: u for u in desk.seen if u.quote is not None}
        assert set(priced) == {"DU1", "DU2"}
        assert priced["DU2"].strategies == ("condors",)
        rows = [r for r in Landing(bus).rows("position_updates") if r["price"] is not None]
        assert {(r["account"], r["price_source"]) for r in rows} == {("DU1", "mid"), ("DU2", "mid")}

    asyncio.run(run())


def test_an_activation_opens_a_line_at_once(bus: Bus) -> None:
    """The command is enough, no poll is waited for; a closing gives the line back."""

    async def run() -> None:
        tws, registry = broker(), twenty()
        async with running(config(bus), tws, bus, registry):
            await until(lambda: len(tws.lines) == 20)
            polls = tws.polls
            registry.activate("more", (150,))
            Commands(bus).send(RegistryChanged())
            await until(lambda: 150 in tws.lines)
            del registry.strategies["condors"]
            Commands(bus).send(RegistryChanged())
            await until(lambda: set(tws.lines) == {150})
            assert tws.polls == polls

    asyncio.run(run())


def test_a_poll_can_be_asked_for(bus: Bus) -> None:
    """PollNow brings a snapshot that began after it."""

    async def run() -> None:
        tws = broker()
        async with running(config(bus), tws, bus, twenty()):
            await until(lambda: SnapshotBoard(bus).head())
            before = SnapshotBoard(bus).head()
            Commands(bus).send(PollNow("test"))
            await until(lambda: SnapshotBoard(bus).head() != before)
            assert tws.polls == 2

    asyncio.run(run())


def test_a_closed_active_holding_ends_with_zero(bus: Bus) -> None:
    """The last update of a holding that is gone says quantity 0, and so does its row."""

    async def run() -> None:
        tws, desk = broker(), Desk()
        async with running(config(bus), tws, bus, twenty(), [desk]):
            await until(lambda: len(desk.seen) >= 20)
            close(tws, 0)
            await until(lambda: [u for u in desk.seen if u.position.quantity == 0])
        [gone] = [u for u in desk.seen if u.position.quantity == 0]
        assert gone.position.contract.con_id == 1
        rows = Landing(bus).rows("position_updates")
        assert {"close", "stream"} == {r["source"] for r in rows if r["quantity"] == 0}

    asyncio.run(run())


def test_after_a_drop_everything_comes_back(bus: Bus) -> None:
    """Lines are asked for again and positions polled, without a hand."""

    async def run() -> None:
        tws = broker()
        async with running(config(bus), tws, bus, twenty()) as gateway:
            await until(lambda: len(tws.lines) == 20)
            tws.drop()
            assert gateway.status().lines == {}
            await until(lambda: len(tws.lines) == 20 and tws.polls == 2)
            tws.upstream(Upstream.BACK_EMPTY)
            await until(lambda: len(tws.lines) == 20 and tws.polls == 3)

    asyncio.run(run())


def test_a_new_gateway_goes_on_where_the_last_one_ended(bus: Bus) -> None:
    """What was closed between two gateways is noticed by the second: executions explain it."""

    async def run() -> None:
        tws, landing = broker(), Landing(bus)
        async with running(config(bus), tws, bus, twenty()):
            await until(lambda: len({i.con_id for i in landing.items()}) == 180)
        sell(tws, tws.portfolio.pop())
        async with running(config(bus), tws, bus, twenty()):
            await until(lambda: len(landing.items()) == 359)
            await until(lambda: landing.closed() == [200])

    asyncio.run(run())


def test_an_emptied_redis_is_filled_again(bus: Bus) -> None:
    """Board and quotes come back by themselves, and rows of closed holdings are sent again."""

    async def run() -> None:
        tws, landing = broker(), Landing(bus)
        async with running(config(bus), tws, bus, twenty()):
            await until(lambda: len(tws.lines) == 20)
            tws.tick(1, last=5)
            await until(lambda: QuoteBoard(bus).get([1]))
            close(tws, -1)
            await until(lambda: landing.closed() == [200])
            keys = bus.redis.keys(bus.key("*"))
            bus.redis.delete(*keys)
            await until(lambda: SnapshotBoard(bus).head() and QuoteBoard(bus).get([1]))
            await until(lambda: landing.closed() == [200])
            await until(lambda: len({i.con_id for i in landing.items()}) == 180)
        assert {i.con_id for i in landing.items()} == set(range(21, 201))

    asyncio.run(run())


def test_what_closed_while_redis_and_gateway_were_gone_is_closed_in_the_lake(bus: Bus) -> None:
    """The board is empty, so the lake says what was held; what executions closed gets its row."""

    async def run() -> None:
        tws, landing = broker(), Landing(bus)
        gone, kept = position(999, 7), position(998, 7)
        sell(tws, gone)
        async with running(config(bus), tws, bus, twenty(), book=lambda: [gone, kept]) as gateway:
            await until(lambda: landing.closed() == [999])
            assert (
                gateway.status().unknown["DU1"].reason == "TWS's answer lacks 1 of 2 known holdings"
            )

            def shown() -> Position | None:
                found = SnapshotBoard(bus).get([gone.key])
                return found[1].get(gone.key) if found else None

            # The row is kept first; the board has the holding until the change reaches it.
            await until(lambda: (one := shown()) is not None and one.quantity == 0)
            closed = shown()
        assert closed is not None
        assert closed.contract == gone.contract

    asyncio.run(run())


def test_what_only_the_lake_has_open_is_closed_and_no_handler_is_given_its_quantity(
    bus: Bus,
) -> None:
    """Its row was lost when an earlier gateway was killed; at the start, and when it is asked."""

    async def run() -> None:
        tws, desk, landing, registry = broker(), Desk(), Landing(bus), twenty()
        async with running(config(bus), tws, bus, registry):
            await until(lambda: SnapshotBoard(bus).head())
        first, second = position(998, 7, contract=option(998)), position(999, 7)
        registry.activate("more", (998,))
        in_lake = [first]
        for gone in (first, second):
            sell(tws, gone)
        async with running(config(bus), tws, bus, registry, [desk], book=lambda: in_lake):
            await until(lambda: 998 in tws.lines)
            tws.tick(998, last=5)
            await until(lambda: landing.closed() == [998])
            in_lake.append(second)
            Commands(bus).send(CompareBook("test"))
            await until(lambda: landing.closed() == [998, 999])
        reported = [u.position.quantity for u in desk.seen if u.position.contract.con_id == 998]
        assert set(reported) <= {0}

    asyncio.run(run())


def test_a_lake_that_cannot_be_read_stops_no_gateway(bus: Bus) -> None:
    """Then it goes on with what TWS says."""

    async def run() -> None:
        def refuse() -> list[Position]:
            raise LakeError("no lake")

        tws = broker()
        async with running(config(bus), tws, bus, twenty(), book=refuse):
            await until(lambda: len(tws.lines) == 20)

    asyncio.run(run())


def test_the_status_says_who_holds_and_who_waits(bus: Bus) -> None:
    """What people see: state, lines with their strategies, and who has none."""

    async def run() -> None:
        tws = broker()
        async with running(config(bus, lines=15), tws, bus, twenty()):
            await until(lambda: len(tws.lines) == 15)
            board = StatusBoard(bus)
            # The first status may be of the time before the lines.
            await until(lambda: (one := board.get(GatewayStatus)) and len(one.lines) == 15)
            status = board.get(GatewayStatus)
            assert status is not None
            assert (status.session, status.limit, status.positions) == ("ready", 15, 200)
            assert set(status.lines) == set(range(1, 16))
            assert status.lines[1] == (option(1).label, "condors")
            assert status.waiting == list(range(16, 21))
        ended = StatusBoard(bus).get(GatewayStatus)
        assert ended is not None
        assert (ended.session, ended.lines) == ("ended", {})

    asyncio.run(run())


def test_without_tws_the_gateway_ends_with_the_reason(bus: Bus) -> None:
    """Nothing hangs, and threads end."""

    async def run() -> None:
        tws = broker()
        tws.reachable = False
        with pytest.raises(BrokerUnreachableError, match="no TWS there"):
            await Gateway(config(bus, ib_connect_timeout_s=0.1), tws, bus, twenty()).run(
                asyncio.Event()
            )
        assert not [t for t in threading.enumerate() if t.name in ("publisher", "commands")]

    asyncio.run(run())
