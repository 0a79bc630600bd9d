"""What the router sends arrives in Redis as the workers need it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.position import Position
from slotwise.position_queue import URGENT
from tests.integration.gateway.running_gateway import Landing
from tests.support.values import at, position, snapshot
from workers.gateway.active import Active
from workers.gateway.insertions import CHUNK, Insertions
from workers.gateway.publisher import Publisher
from workers.gateway.router import Router
from workers.gateway.spool import Spool
from workers.gateway.spool_sender import SpoolSender


class Bench:
    """A router over a real Redis."""

    def __init__(self, bus: Bus) -> None:
        self.streamed: list[Position] = []
        self.publisher = Publisher()
        self.board = SnapshotBoard(bus)
        self.sender = SpoolSender(LandingStream(bus), lambda: Spool(None))
        insertions = Insertions(self.sender)
        self.router = Router(self.publisher, self.board, insertions, self.streamed.append)
        self.router.active = Active({1: 5}, {1: ("s",)})
        self.landing = Landing(bus)

    def sent(self) -> None:
        """Wait until everything has arrived."""
        self.publisher.close()
        self.sender.close()


@pytest.fixture
def make(bus: Bus) -> Callable[[], Bench]:
    """Make a router, again and again on the same Redis."""
    return lambda: Bench(bus)


def test_a_snapshot_arrives_before_its_items(make: Callable[[], Bench]) -> None:
    """Non-essential holdings are queued in chunks; active ones are streamed."""
    bench = make()
    held = [position(con_id) for con_id in range(1, 2 * CHUNK + 3)]
    asyncio.run(bench.router.take(snapshot("s1", *held)))
    bench.sent()
    assert [len(e.head.items) for e in bench.landing.entries()] == [CHUNK, CHUNK, 1]
    assert {i.con_id for i in bench.landing.items()} == {p.contract.con_id for p in held} - {1}
    assert [p.contract.con_id for p in bench.streamed] == [1]
    found = bench.board.all()
    assert found is not None
    assert len(found[1]) == len(held)


def test_a_closed_holding_is_queued_and_stays_on_the_board(make: Callable[[], Bench]) -> None:
    """Its batch finds quantity 0, also after the next snapshot, which asks for it once more."""
    bench = make()
    asyncio.run(bench.router.take(snapshot("s1", position(1), position(2), when=at(0))))
    asyncio.run(bench.router.take(snapshot("s2", position(3), when=at(30))))
    asyncio.run(bench.router.take(snapshot("s3", position(3), when=at(60))))
    bench.sent()
    assert [i.con_id for i in bench.landing.items()].count(2) == 3
    found = bench.board.get([("DU1", 2), ("DU1", 3)])
    assert found is not None
    assert {key[1]: p.quantity for key, p in found[1].items()} == {2: 0, 3: 10}
    assert [(p.contract.con_id, p.quantity) for p in bench.streamed] == [(1, 10), (1, 0)]


def test_a_push_goes_to_the_board_and_first_into_the_queue(make: Callable[[], Bench]) -> None:
    """A change between polls is used at once, wherever the holding belongs."""
    bench = make()
    asyncio.run(bench.router.take(snapshot("s1", position(1), position(2))))
    bench.router.push(position(2, 7, observed_at=at(5)))
    bench.router.push(position(1, 8, observed_at=at(5)))
    bench.sent()
    assert bench.landing.items()[-1].priority == URGENT
    assert bench.landing.items()[-1].con_id == 2
    found = bench.board.get([("DU1", 1), ("DU1", 2)])
    assert found is not None
    assert {key[1]: p.quantity for key, p in found[1].items()} == {1: 8, 2: 7}
    assert bench.streamed[-1].quantity == 8


def test_a_push_during_the_routing_is_not_overwritten(make: Callable[[], Bench]) -> None:
    """It is newer than the snapshot and wins, though the snapshot is still being sorted."""
    bench = make()

    async def run() -> None:
        taking = asyncio.create_task(bench.router.take(snapshot("s1", position(2))))
        await asyncio.sleep(0)
        bench.router.push(position(2, 99, observed_at=at(1)))
        await taking

    asyncio.run(run())
    bench.sent()
    found = bench.board.get([("DU1", 2)])
    assert found is not None
    assert found[1]["DU1", 2].quantity == 99


def test_a_new_gateway_notices_what_closed_meanwhile(make: Callable[[], Bench]) -> None:
    """The board of the gateway before it is its first snapshot, closed holdings included."""
    first = make()
    asyncio.run(first.router.take(snapshot("s1", position(2), position(3), position(4))))
    asyncio.run(first.router.take(snapshot("s2", position(2), position(3))))
    first.sent()
    before = len(first.landing.items())
    second = make()
    board = second.board.all()
    assert board is not None
    second.router.begin(board[1], at(10))
    asyncio.run(second.router.take(snapshot("s3", position(2), when=at(20))))
    second.sent()
    assert sorted(i.con_id for i in second.landing.items()[before:]) == [2, 3, 4, 4]
    found = second.board.get([("DU1", n) for n in (2, 3, 4)])
    assert found is not None
    assert {key[1]: p.quantity for key, p in found[1].items()} == {2: 10, 3: 0, 4: 0}
