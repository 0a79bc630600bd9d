"""A closing is in the lake in the end, whatever happens right after it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow
from slotwise.bus.landing_stream import LandingStream
from slotwise.lake.book import book, still_held
from slotwise.lake.lander import Lander
from slotwise.lake.store import Lake
from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution
from tests.integration.gateway.running_gateway import MemoryRegistry, config, running
from tests.support.values import position
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import until

#: The holding that closes, and one that stays.
GONE, STAYS = 1, 2


def held(con_id: int, quantity: int = 10) -> Position:
    return position(con_id, quantity, observed_at=datetime.now(UTC))


def registry(active: bool) -> MemoryRegistry:
    made = MemoryRegistry()
    if active:
        made.activate("condor", (GONE,))
    return made


def _gateway_that_is_killed(
    url: str, prefix: str, spool: str, active: bool, after_s: float
) -> None:
    bus = Bus(url, prefix)

    async def run() -> None:
        tws = FakeBroker()
        tws.portfolio = [held(GONE), held(STAYS)]
        settings = config(bus, spool=spool, stream_row_interval_s=60.0)
        async with running(settings, tws, bus, registry(active)) as gateway:
            await until(lambda: SnapshotBoard(bus).head())
            await until(lambda: gateway.status().spooled == 0 or not active)
            tws.portfolio = tws.portfolio[1:]
            tws.listener.on_position(held(GONE, 0))
            await asyncio.sleep(after_s)
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(run())


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.3])
def test_a_closing_survives_a_kill_of_the_gateway_right_after_it(
    bus: Bus, lake: Lake, tmp_path: Path, active: bool, after_s: float
) -> None:
    """By its row on disk, or because the next gateway finds it open in the lake and not held."""
    lander = Lander(lake, LandingStream(bus))
    now = datetime.now(UTC)
    spool = str(tmp_path / "spool")

    async def once(tws: FakeBroker) -> None:
        settings = config(bus, spool=spool, stream_row_interval_s=0.05)
        reads = lambda: still_held(book(lake))  # noqa: E731  # a port of one call
        async with running(settings, tws, bus, registry(active), book=reads) as gateway:
            await until(lambda: tws.polls)
            await until(lambda: gateway.router.portfolio.by_key.keys() == {("DU1", STAYS)})
            await until(lambda: gateway.status().spooled == 0 or landed())

    def landed() -> bool:
        lander.land(datetime.now(UTC))
        return GONE not in {p.contract.con_id for p in still_held(book(lake))}

    first = FakeBroker()
    first.portfolio = [held(GONE), held(STAYS)]

    async def begin() -> None:
        settings = config(bus, spool=spool, stream_row_interval_s=0.05)
        async with running(settings, first, bus, registry(active)):
            await until(lambda: first.polls)
            Commands(bus).send(PollNow("test"))
            await until(lambda: first.polls > 1)

    asyncio.run(begin())
    child = multiprocessing.get_context("spawn").Process(
        target=_gateway_that_is_killed, args=(bus.url, bus.prefix, spool, active, after_s)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    lander.land(now)
    after = FakeBroker()
    after.portfolio = [held(STAYS)]
    after.traded = [
        Execution(
            exec_id="0000.1.01", account="DU1", con_id=GONE, quantity=Decimal(-10),
            price=Decimal(1), at=datetime.now(UTC).replace(year=2027), client_id=0, order_id=0,
        )
    ]  # fmt: skip
    asyncio.run(once(after))
    for _ in range(3):
        lander.land(datetime.now(UTC))
    assert GONE not in {p.contract.con_id for p in still_held(book(lake))}


def test_a_closing_needs_no_board_no_worker_and_no_second_poll(bus: Bus, lake: Lake) -> None:
    """Redis is emptied right after it, nothing is dispatched, and the poll interval is an hour."""

    async def run() -> None:
        tws = FakeBroker()
        tws.portfolio = [held(GONE), held(STAYS)]
        settings = config(bus, poll_interval_s=3600.0)
        async with running(settings, tws, bus, registry(active=False)):
            await until(lambda: SnapshotBoard(bus).head())
            zero = msgspec.structs.replace(tws.portfolio.pop(0), quantity=Decimal(0))
            tws.listener.on_position(zero)
            bus.clear()
            await asyncio.sleep(2.5)
            Lander(lake, LandingStream(bus)).land(datetime.now(UTC))

    asyncio.run(run())
    rows = [(p.contract.con_id, p.quantity) for p in book(lake)]
    assert rows == [(GONE, Decimal(0))]
