"""What the router sends arrives in Redis as the workers need it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec
import pytest

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.position import Position, Unknown
from slotwise.rules.landing import Inserted
from slotwise.rules.lines import Claim
from slotwise.rules.position_queue import URGENT
from tests.integration.gateway.running_gateway import Landing
from tests.support.values import at, position, snapshot
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.outbox.publisher import Publisher
from workers.gateway.outbox.spool import Spool
from workers.gateway.outbox.spool_sender import SpoolSender
from workers.gateway.positions.queue_inserts import CHUNK, Insertions
from workers.gateway.positions.router import Router

#: A busy machine needs seconds for what takes a millisecond.
SENT_TIMEOUT_S = 30


class Bench:
    """A router over a real Redis."""

    def __init__(self, bus: Bus) -> None:
        self.streamed: list[Position] = []
        self.publisher = Publisher()
        self.board = SnapshotBoard(bus)
        self.sender = SpoolSender(LandingStream(bus), lambda: Spool(None))
        insertions = Insertions(self.sender)
        self.router = Router(self.publisher, self.board, insertions, self.streamed.append)
        self.router.active = ActiveContracts({1: Claim(5)}, {1: ("s",)})
        self.landing = Landing(bus)

    def take(self, *positions: Position, name: str, when: datetime) -> None:
        """Take a snapshot and see it sent: a newer one would replace one that still waits."""
        asyncio.run(self.router.take(snapshot(name, *positions, when=when)))
        sent = threading.Event()
        self.publisher.send(sent.set)
        assert sent.wait(SENT_TIMEOUT_S)

    def sent(self) -> None:
        """Wait until everything has arrived."""
        self.publisher.close()
        self.sender.close()


@pytest.fixture
def make(bus: Bus) -> Callable[[], Bench]:
    """Make a router, again and again on the same Redis."""
    return lambda: Bench(bus)


def test_a_kept_holding_without_an_account_is_left_out(make: Callable[[], Bench]) -> None:
    bench = make()
    named, nameless = position(7), position(8, account="")
    bench.router.begin([named, nameless], at(0), [named.key, nameless.key])
    assert list(bench.router.portfolio.by_key) == [named.key]
    bench.sent()


def test_a_snapshot_arrives_before_its_items(make: Callable[[], Bench]) -> None:
    """Non-essential holdings are queued in chunks; active ones are streamed."""
    bench = make()
    held = [position(con_id) for con_id in range(1, 2 * CHUNK + 3)]
    asyncio.run(bench.router.take(snapshot("s1", *held)))
    bench.sent()
    sent = [e.head for e in bench.landing.entries()]
    assert [len(head.items) for head in sent if isinstance(head, Inserted)] == [CHUNK, CHUNK, 1]
    assert len(sent) == 3
    assert {i.con_id for i in bench.landing.items()} == {p.contract.con_id for p in held} - {1}
    assert [p.contract.con_id for p in bench.streamed] == [1]
    found = bench.board.all()
    assert found is not None
    assert len(found[1]) == len(held)


def test_a_closed_holding_is_a_row_at_once_and_stays_on_the_board(
    make: Callable[[], Bench],
) -> None:
    """Streamed or polled alike; a batch that was to poll it finds quantity 0, also later."""
    bench = make()
    bench.take(position(1), position(2), name="s1", when=at(0))
    bench.take(position(3), name="s2", when=at(30))
    bench.take(position(3), name="s3", when=at(60))
    bench.sent()
    rows = bench.landing.rows("position_updates")
    assert [(r["con_id"], r["quantity"], r["market_value"]) for r in rows] == [(1, 0, 0), (2, 0, 0)]
    assert {r["source"] for r in rows} == {"close"}
    assert [i.con_id for i in bench.landing.items()].count(2) == 1
    found = bench.board.get([("DU1", 2), ("DU1", 3)])
    assert found is not None
    assert {key[1]: p.quantity for key, p in found[1].items()} == {2: 0, 3: 10}
    assert [(p.contract.con_id, p.quantity) for p in bench.streamed] == [
        (1, Decimal(10)),
        (1, Decimal(0)),
    ]


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
    second = make()
    board = second.board.all()
    assert board is not None
    second.router.begin(board[1], at(10))
    asyncio.run(second.router.take(snapshot("s3", position(2), when=at(20))))
    second.sent()
    closed = [row["con_id"] for row in second.landing.rows("position_updates")]
    assert closed == [4, 4, 3], "4 once more: the gateway before may have been killed too early"
    found = second.board.get([("DU1", n) for n in (2, 3, 4)])
    assert found is not None
    assert {key[1]: p.quantity for key, p in found[1].items()} == {2: 10, 3: 0, 4: 0}


def test_nothing_older_overwrites_what_is_newer(make: Callable[[], Bench]) -> None:
    """A push behind the end of an answer is passed on first, and the answer after it."""
    bench = make()
    asyncio.run(bench.router.take(snapshot("s1", *(position(n, sequence=1) for n in (1, 2, 3)))))
    bench.router.push(position(1, 12, sequence=3))
    bench.router.push(position(2, 0, sequence=4))
    bench.router.push(position(4, sequence=5))
    older = tuple(position(n, sequence=2) for n in (1, 2, 3))
    answer = msgspec.structs.replace(snapshot("s2", *older), sequence=2)
    asyncio.run(bench.router.take(answer))
    bench.router.push(position(3, 5, sequence=1))
    bench.sent()
    held = {key[1]: p.quantity for key, p in bench.router.portfolio.by_key.items()}
    assert held == {1: 12, 3: 10, 4: 10}
    found = bench.board.all()
    assert found is not None
    on_board = {p.contract.con_id: p.quantity for p in found[1]}
    assert on_board == {1: 12, 2: 0, 3: 10, 4: 10}
    assert [p.quantity for p in bench.streamed] == [10, 12, 12]


def test_what_an_answer_lacks_is_kept_where_it_is_marked_unseen(
    make: Callable[[], Bench],
) -> None:
    """It stays on the board as it was, and is not polled again."""
    bench = make()
    asyncio.run(bench.router.take(snapshot("s1", position(2), position(3))))
    kept = msgspec.structs.replace(
        snapshot("s2", position(2), position(3), when=at(30)),
        unseen=frozenset([("DU1", 3)]),
        unknown={"DU1": Unknown(at(30), "TWS's answer lacks 1 of 2 holdings")},
    )
    asyncio.run(bench.router.take(kept))
    bench.sent()
    assert [i.con_id for i in bench.landing.items()] == [2, 3, 2]
    assert bench.landing.rows("position_updates") == []
    found = bench.board.all()
    assert found is not None
    assert found[0].unknown["DU1"].reason == "TWS's answer lacks 1 of 2 holdings"
    assert len(found[1]) == 2
