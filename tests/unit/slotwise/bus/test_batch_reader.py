"""What a batch is answered from is read together, and is what the boards say one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slotwise.bus.batch_reader import BatchReader
from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.polled_quotes import PolledQuotes
from slotwise.bus.started import Started
from slotwise.errors import BusError
from slotwise.rules.position_queue import Batch, NewItem
from tests.support.values import NOON, at, item, position, quote, snapshot


class Boards:
    """The boards of a Redis, and a reader of batches."""

    def __init__(self, bus: Bus) -> None:
        self.started, self.snapshots = Started(bus), SnapshotBoard(bus)
        self.polled, self.quotes = PolledQuotes(bus), QuoteBoard(bus)
        self.reader = BatchReader(bus, self.started, self.snapshots, self.polled, self.quotes)


@pytest.fixture
def boards(bus: Bus) -> Boards:
    return Boards(bus)


def batch(*items: NewItem, batch_id: str = "b1") -> Batch:
    return Batch(batch_id, NOON, NOON + timedelta(seconds=20), items)


def test_a_batch_is_read_as_its_boards_are(boards: Boards) -> None:
    boards.snapshots.put(snapshot("s1", position(1), position(2, 5)))
    boards.polled.put([quote(2, bid=1, ask=2)], {1, 2})
    boards.quotes.put([quote(1, last=3), quote(2, last=4), quote(9, last=5)])
    keys = [(position(n).account, n) for n in (1, 2, 3)]
    read = boards.reader.begin(batch(item(1), item(2), item(3)))
    assert read.found == boards.snapshots.get(keys)
    assert read.quotes == boards.quotes.get([1, 2, 3])
    assert read.polled == boards.polled.get([1, 2, 3])
    assert 0 <= read.age_s < 5


def test_reading_a_batch_marks_it_as_begun(boards: Boards) -> None:
    boards.reader.begin(batch(item(1), batch_id="begun"))
    assert boards.started.untouched({"begun", "never"}) == {"never"}


def test_a_snapshot_that_replaces_the_one_read_before_is_read(boards: Boards) -> None:
    """The one before lives on for a while, and says what is no more."""
    boards.snapshots.put(snapshot("s1", position(1, 10), position(2, 10)))
    boards.reader.begin(batch(item(1)))
    boards.snapshots.put(snapshot("s2", position(1, 20), when=at(30)))
    found = boards.reader.begin(batch(item(1), item(2))).found
    assert found is not None
    assert found[0].snapshot_id == "s2"
    assert {key[1]: one.quantity for key, one in found[1].items()} == {1: 20}


def test_a_batch_without_a_snapshot_finds_none(boards: Boards) -> None:
    read = boards.reader.begin(batch(item(1)))
    assert (read.found, read.age_s, read.polled, read.quotes) == (None, 0, {}, {})


def test_positions_that_are_gone_from_redis_are_not_taken_for_closed(
    boards: Boards, bus: Bus
) -> None:
    boards.snapshots.put(snapshot("s1", position(1)))
    boards.reader.begin(batch(item(1)))
    bus.redis.delete(bus.key("snapshot", "s1"))
    assert boards.reader.begin(batch(item(1))).found is None


def test_a_holding_twice_in_a_batch_is_found_for_both(boards: Boards) -> None:
    boards.snapshots.put(snapshot("s1", position(1)))
    found = boards.reader.begin(batch(item(1), item(1))).found
    assert found is not None
    assert len(found[1]) == 1


def test_a_batch_of_nothing_asks_for_nothing(boards: Boards) -> None:
    boards.snapshots.put(snapshot("s1", position(1)))
    read = boards.reader.begin(batch())
    assert read.found is not None
    assert (read.found[1], read.polled, read.quotes) == ({}, {}, {})


def test_a_key_of_the_wrong_type_is_named(boards: Boards, bus: Bus) -> None:
    bus.redis.set(bus.key("quotes"), "what another program left")
    with pytest.raises(BusError, match=bus.key("quotes")):
        boards.reader.begin(batch(item(1)))
