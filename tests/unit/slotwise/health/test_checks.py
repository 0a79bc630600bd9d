"""Rows of doctor on the parts that work."""

from __future__ import annotations

from slotwise.bus.status import GatewayStatus, QueueStatus
from slotwise.health.checks import (
    MANY_FILES,
    RedisFacts,
    gateway_checks,
    lake_checks,
    landing_checks,
    redis_checks,
    worker_checks,
)
from tests.support.values import NOON, at

_GATEWAY = GatewayStatus(
    at=NOON,
    session="ready",
    detail="",
    limit=100,
    lines={1: ("SPY", "s")},
    waiting=[],
    quotes_in_flight=0,
    positions=7,
    polled_at=NOON,
    connected_at=NOON,
    ticks=1,
    handler_errors={},
)
_QUEUE = QueueStatus(
    at=NOON,
    waiting=3,
    leased=0,
    batches=0,
    oldest_s=0,
    landed_rows=1,
    landing_entries=0,
    commit_ms=12.0,
)


def test_checks_of_sound_parts_are_ok() -> None:
    rows = [
        *redis_checks(RedisFacts(version="9.1", append_only=True)),
        *gateway_checks(_GATEWAY),
        *worker_checks({"a": ("poll",), "b": ("lake",)}),
        *landing_checks(_QUEUE, at(5)),
        *lake_checks({"quotes": 3}),
    ]
    assert {row.verdict for row in rows} == {"ok"}
    assert [row.name for row in rows] == [
        "redis", "clock", "gateway", "TWS", "lines", "poll workers", "lake worker", "landing",
        "lake",
    ]  # fmt: skip


def test_checks_warn_of_what_could_be_better() -> None:
    rows = [
        *redis_checks(RedisFacts(version="9.1")),
        *worker_checks({"a": ("lake",), "b": ("lake",)}),
        *lake_checks({"quotes": MANY_FILES + 1}),
    ]
    warned = [row for row in rows if row.verdict == "warn"]
    assert [row.name for row in warned] == ["redis file", "lake worker", "lake"]
    assert all(row.advice for row in warned)


def test_checks_name_nothing_that_was_not_seen() -> None:
    assert redis_checks(None) == redis_checks(RedisFacts(error="refused")) == []
    assert gateway_checks(None) == worker_checks({}) == landing_checks(None, NOON) == []
