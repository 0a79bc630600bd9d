"""A value in Redis that cannot be read costs only itself, and is named."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.counters import Counters
from slotwise.bus.status import QueueStatus, StatusBoard
from tests.support.values import position, quote, snapshot

ODD = [b"", b"\xc1", b"no message", b"\x93\x01\x02\x03"]


@pytest.mark.parametrize("odd", ODD)
def test_a_quote_that_cannot_be_read_costs_only_itself(bus: Bus, odd: bytes) -> None:
    board = QuoteBoard(bus)
    board.put([quote(1), quote(2), quote(3)])
    bus.redis.hset(bus.key("quotes"), "2", odd)
    with capture_logs() as logs:
        assert list(board.get([1, 2, 3])) == [1, 3]
        assert list(board.get([1, 2, 3])) == [1, 3]
    assert [one["key"] for one in logs] == [f"{bus.key('quotes')} 2"], "named once"


@pytest.mark.parametrize("odd", ODD)
def test_a_position_that_cannot_be_read_is_not_taken_for_closed(bus: Bus, odd: bytes) -> None:
    """There is no snapshot until the next one, which replaces it."""
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1), position(2)))
    [field, *_] = bus.redis.hkeys(bus.key("snapshot", "s1"))
    bus.redis.hset(bus.key("snapshot", "s1"), field, odd)
    assert board.all() is None
    assert board.get([("DU1", 1), ("DU1", 2)]) is None
    board.put(snapshot("s2", position(1), position(2)))
    found = board.all()
    assert found is not None
    assert len(found[1]) == 2


@pytest.mark.parametrize("odd", ODD)
def test_a_head_or_status_that_cannot_be_read_is_none(bus: Bus, odd: bytes) -> None:
    bus.redis.set(bus.key("snapshot", "current"), odd)
    bus.redis.set(bus.key("status", "QueueStatus"), odd)
    assert SnapshotBoard(bus).head() is None
    assert StatusBoard(bus).get(QueueStatus) is None
    SnapshotBoard(bus).put(snapshot("s1", position(1)))
    assert SnapshotBoard(bus).all() is not None


def test_a_counter_that_is_no_number_is_left_out(bus: Bus) -> None:
    Counters(bus).add("right")
    bus.redis.hset(bus.key("counters"), "wrong", "many")
    assert Counters(bus).all() == {"right": 1}
