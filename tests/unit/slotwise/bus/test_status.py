"""Statuses: each kind has its newest, and a silent process has none."""

from __future__ import annotations

from slotwise.bus.client import Bus
from slotwise.bus.status import STATUS_TTL_S, GatewayStatus, QueueStatus, StatusBoard
from tests.support.values import NOON


def queue_status(waiting: int) -> QueueStatus:
    return QueueStatus(
        at=NOON, waiting=waiting, leased=0, batches=0, oldest_s=0.0, landed_rows=0,
        landing_entries=0, commit_ms=1.5,
    )  # fmt: skip


def test_the_newest_status_of_a_kind_is_read(bus: Bus) -> None:
    board = StatusBoard(bus)
    board.put(queue_status(1))
    board.put(queue_status(2))
    assert board.get(QueueStatus) == queue_status(2)
    assert board.get(GatewayStatus) is None


def test_a_gateway_status_reads_back_whole(bus: Bus) -> None:
    status = GatewayStatus(
        at=NOON, session="ready", detail="", limit=100, lines={761: ("SPY", "condor")},
        waiting=[762], quotes_in_flight=1, positions=200, polled_at=None, connected_at=None,
        ticks=7,        handler_errors={"mine": 2},
    )  # fmt: skip
    StatusBoard(bus).put(status)
    assert StatusBoard(bus).get(GatewayStatus) == status


def test_a_silent_process_has_no_status(bus: Bus) -> None:
    StatusBoard(bus).put(queue_status(1))
    assert 0 < bus.redis.ttl(bus.key("status", "QueueStatus")) <= STATUS_TTL_S


def test_the_age_of_a_status_is_by_the_clock_of_redis(bus: Bus) -> None:
    board, key = StatusBoard(bus), bus.key("status", "QueueStatus")
    assert board.get_with_age(QueueStatus)[1] is None
    board.put(queue_status(1))
    bus.redis.expire(key, STATUS_TTL_S - 20)
    assert 19 < (board.get_with_age(QueueStatus)[1] or 0) < 25


def test_a_status_outlives_no_step_of_the_clock_of_redis(bus: Bus) -> None:
    board, key = StatusBoard(bus), bus.key("status", "QueueStatus")
    board.put(queue_status(1))
    bus.redis.expire(key, 3 * 3600)
    assert board.get_with_age(QueueStatus)[1] == 0
    assert bus.redis.ttl(key) <= STATUS_TTL_S
