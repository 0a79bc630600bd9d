"""The boards: a snapshot is swapped whole, and never read in part."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

import msgspec

from slotwise.bus.board import CHUNK, REPLACED_TTL_S, QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.position import SnapshotHead
from tests.support.proxies import InterruptedClient
from tests.support.values import ACCOUNT, at, head, option, position, quote, snapshot

T = TypeVar("T")


def unstamped(found: tuple[SnapshotHead, T] | None) -> tuple[SnapshotHead, T]:
    """Leave out when it was put, by the clock of Redis."""
    assert found is not None
    assert found[0].put_at_s is not None
    return msgspec.structs.replace(found[0], put_at_s=None), found[1]


def test_before_the_first_snapshot_there_is_none(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    assert (board.head(), board.get([(ACCOUNT, 1)]), board.all()) == (None, None, None)


def test_a_snapshot_reads_back_as_it_was_put(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    held = (position(1), position(2, "-0.5", contract=option(2), avg_cost=Decimal("123.456789")))
    board.put(snapshot("s1", *held))
    assert unstamped(board.get([(ACCOUNT, 2)])) == (head("s1", count=2), {(ACCOUNT, 2): held[1]})
    found = board.all()
    assert found is not None
    assert sorted(found[1], key=lambda one: one.contract.con_id) == list(held)


def test_what_is_absent_from_a_complete_snapshot_is_not_held(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1)))
    found = board.get([(ACCOUNT, 9)])
    assert found is not None
    assert found[1] == {}


def test_an_empty_portfolio_is_a_complete_snapshot(bus: Bus) -> None:
    """No position is an answer too; no answer is None."""
    board = SnapshotBoard(bus)
    board.put(snapshot("s1"))
    assert unstamped(board.all()) == (head("s1"), [])
    assert unstamped(board.get([])) == (head("s1"), {})


def test_a_new_snapshot_replaces_the_whole_of_the_old(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1), position(2)))
    board.put(snapshot("s2", position(2, 20), position(3), when=at(30)))
    found = board.get([(ACCOUNT, number) for number in (1, 2, 3)])
    assert found is not None
    assert found[0].snapshot_id == "s2"
    assert {key[1]: held.quantity for key, held in found[1].items()} == {2: 20, 3: 10}


def test_a_reader_under_way_still_reads_the_snapshot_it_began_with(bus: Bus) -> None:
    """The swap happens between its look at the head and its look at the positions."""
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1)))
    client = InterruptedClient(bus.redis, lambda: board.put(snapshot("s2", position(1, 99))))
    found = SnapshotBoard(Bus.over(client, bus.prefix)).get([(ACCOUNT, 1)])
    assert unstamped(found) == (head("s1", count=1), {(ACCOUNT, 1): position(1)})


def test_a_replaced_snapshot_does_not_stay_for_ever(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1)))
    board.put(snapshot("s2", position(1)))
    assert 0 < bus.redis.ttl(bus.key("snapshot", "s1")) <= REPLACED_TTL_S
    assert bus.redis.ttl(bus.key("snapshot", "s2")) == -1, "the current one stays"


def test_putting_the_current_snapshot_again_does_not_make_it_expire(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1)))
    board.put(snapshot("s1", position(1)))
    assert bus.redis.ttl(bus.key("snapshot", "s1")) == -1


def test_a_snapshot_that_lost_positions_is_no_snapshot(bus: Bus) -> None:
    """Half of Redis gone must not read as half of the portfolio closed."""
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1), position(2)))
    bus.redis.hdel(bus.key("snapshot", "s1"), f"{ACCOUNT}|1")
    assert board.get([(ACCOUNT, 2)]) is None
    assert board.all() is None


def test_a_large_snapshot_is_whole(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    held = [position(number) for number in range(1, 2 * CHUNK + 2)]
    board.put(snapshot("s1", *held))
    found = board.all()
    assert found is not None
    assert len(found[1]) == len(held)


def test_a_push_changes_the_current_snapshot(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1), position(2)))
    board.amend(position(2, 0, observed_at=at(1)))
    board.amend(position(3, 5, observed_at=at(1)))
    found = board.all()
    assert found is not None
    assert {held.contract.con_id: held.quantity for held in found[1]} == {1: 10, 2: 0, 3: 5}


def test_a_push_without_a_snapshot_waits_for_the_next(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    board.amend(position(1))
    assert board.all() is None


def test_the_newest_quote_of_each_contract_is_kept(bus: Bus) -> None:
    board = QuoteBoard(bus)
    board.put([quote(1, bid="1.5"), quote(2)])
    newest = quote(1, bid="1.7", delta=0.25, observed_at=at(1))
    board.put([newest])
    assert board.get([1, 2, 3]) == {1: newest, 2: quote(2)}


def test_no_quote_put_or_asked_for_is_fine(bus: Bus) -> None:
    board = QuoteBoard(bus)
    board.put([])
    assert board.get([]) == {}
