"""Each thing that can be wrong is said, with what to do; what is right is not complained of."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from slotwise.bus.status import QueueStatus
from slotwise.health.checks import (
    Check,
    RedisFacts,
    gateway_checks,
    lake_checks,
    landing_checks,
    redis_checks,
    worker_checks,
)
from tests.support.values import NOON, at
from tests.unit.slotwise.health.test_metrics import STATUS

HEALTHY = msgspec.structs.replace(STATUS, waiting=[], refused={})
QUEUE = QueueStatus(
    at=NOON, waiting=5, leased=50, batches=1, oldest_s=2.5, landed_rows=50, landing_entries=3,
    commit_ms=40.0,
)  # fmt: skip
WORKERS = {"poll@a": ["poll"], "lake@a": ["lake"]}


def verdicts(checks: list[Check]) -> dict[str, str]:
    for one in checks:
        assert one.seen
        assert bool(one.advice) == (one.verdict != "ok"), one
    return {one.name: one.verdict for one in checks}


def test_a_healthy_system_is_ok_throughout() -> None:
    checks = [
        *redis_checks(RedisFacts(version="9.1", append_only=True)),
        *gateway_checks(HEALTHY, at(5), 30.0),
        *worker_checks(WORKERS),
        *landing_checks(QUEUE, at(5), 5.0),
        *lake_checks("", {"quotes": 120}),
    ]
    assert set(verdicts(checks).values()) == {"ok"}
    assert len(checks) >= 8


@pytest.mark.parametrize(
    ("changes", "name", "verdict"),
    [
        ({"error": "refused"}, "redis", "fail"),
        ({"append_only": False}, "redis file", "warn"),
        ({"eviction": "allkeys-lru"}, "redis memory", "fail"),
        ({"ahead_s": -3.0}, "clock", "fail"),
    ],
)
def test_what_is_wrong_with_redis_is_said(changes: dict[str, Any], name: str, verdict: str) -> None:
    facts = RedisFacts(**{"version": "9.1", "append_only": True} | changes)
    assert verdicts(redis_checks(facts))[name] == verdict


@pytest.mark.parametrize(
    ("changes", "name", "verdict"),
    [
        ({"at": at(-60)}, "gateway", "fail"),
        ({"connected_at": None}, "TWS", "fail"),
        ({"polled_at": None}, "positions", "fail"),
        ({"polled_at": at(-100)}, "positions", "fail"),
        ({"waiting": [1]}, "lines", "warn"),
        ({"refused": {1: "no"}}, "lines", "warn"),
        ({"updates_lost": 1}, "spool", "fail"),
    ],
)
def test_what_is_wrong_with_the_gateway_is_said(
    changes: dict[str, Any], name: str, verdict: str
) -> None:
    status = msgspec.structs.replace(HEALTHY, **changes)
    assert verdicts(gateway_checks(status, at(5), 30.0))[name] == verdict
    assert verdicts(gateway_checks(None, at(5), 30.0)) == {"gateway": "fail"}


def test_missing_and_superfluous_workers_are_said() -> None:
    assert verdicts(worker_checks({})) == {"poll workers": "fail", "lake worker": "fail"}
    twice = {**WORKERS, "lake@b": ["lake"]}
    assert verdicts(worker_checks(twice)) == {"poll workers": "ok", "lake worker": "warn"}
    assert set(verdicts(worker_checks({"both@a": ["poll", "lake"]})).values()) == {"ok"}


def test_landings_that_are_late_are_said() -> None:
    assert verdicts(landing_checks(None, NOON, 5.0)) == {"landing": "fail"}
    assert verdicts(landing_checks(QUEUE, at(21), 5.0)) == {"landing": "fail"}
    behind = msgspec.structs.replace(QUEUE, oldest_s=60.0)
    assert verdicts(landing_checks(behind, at(1), 5.0)) == {"landing": "warn"}


def test_what_is_wrong_with_the_lake_is_said() -> None:
    assert verdicts(lake_checks("read-only", {})) == {"lake": "fail"}
    assert verdicts(lake_checks("", {"quotes": 201})) == {"lake": "warn"}
