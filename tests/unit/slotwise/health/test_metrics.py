"""Metrics say what the statuses say, in names that Prometheus takes."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from slotwise.bus.status import (
    GatewayStatus,
    QueueStatus,
    QuoteAges,
    RotationStatus,
    SettleStatus,
)
from slotwise.bus.witness_status import WitnessStatus
from slotwise.errors import InputError
from slotwise.health.metrics import (
    Metric,
    beat_metrics,
    gateway_metrics,
    lake_metrics,
    worker_metrics,
)
from slotwise.health.server import Health, HealthServer, serve
from slotwise.lake.table_state import TableState
from tests.support.values import NOON, at
from workers.gateway.health import HANGS_AFTER_S, GatewayHealth

STATUS = GatewayStatus(
    at=NOON, session="ready", detail="", limit=100, lines={761: ("SPY", "condor")},
    waiting=[762, 763], quotes_in_flight=5, positions=200, polled_at=NOON, connected_at=NOON,
    ticks=7, handler_errors={"mine": 2}, full_refusals=3, spooled=4, refused={9: "no"},
    rotation=RotationStatus(
        rate_planned=40.0, rate_achieved=39.0, others=QuoteAges(planned_s=5.0, worst_s=4.0)
    ),
)  # fmt: skip


@contextmanager
def served(metrics: Iterable[Metric] = (), alive: str = "", ready: str = "") -> Iterator[str]:
    server = HealthServer(Health(lambda: alive, lambda: ready, lambda: metrics), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.close()


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def samples(metrics: Iterable[Metric]) -> dict[tuple[str, ...], float]:
    """Read back what Prometheus would: name and labels, and the value."""
    made, registry = list(metrics), CollectorRegistry()
    registry.register(Health(lambda: "", lambda: "", lambda: made))
    return parsed(generate_latest(registry).decode())


def parsed(text: str) -> dict[tuple[str, ...], float]:
    """Parse what Prometheus would read."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_gateway_counts_how_long_quotes_take_and_which_field_comes_last() -> None:
    option = SettleStatus(
        kind="OPT", way="stream", quotes=900, median_s=0.6, p95_s=1.1, complete=0.97, last="delta"
    )
    stock = SettleStatus(kind="STK", way="snapshot", quotes=5, median_s=0.2, p95_s=0.3)
    status = msgspec.structs.replace(
        STATUS, rotation=RotationStatus(settle=(option, stock)), kept_for_quotes=2
    )
    found = samples(gateway_metrics(status, at(12)))
    expected = {
        ("slotwise_quote_settle_seconds", "OPT", "0.5", "stream"): 0.6,
        ("slotwise_quote_settle_seconds", "OPT", "0.95", "stream"): 1.1,
        ("slotwise_quotes_taken_total", "OPT", "stream"): 900,
        ("slotwise_quote_complete_ratio", "OPT", "stream"): 0.97,
        ("slotwise_quote_settle_last", "delta", "OPT", "stream"): 1,
        ("slotwise_quotes_taken_total", "STK", "snapshot"): 5,
        ("slotwise_lines_left_to_quotes",): 2,
    }
    assert {key: found.get(key) for key in expected} == expected
    last = [key for key in found if key[0] == "slotwise_quote_settle_last"]
    assert len(last) == 1, "of a snapshot no field is known to be the last"


def test_the_gateway_counts_where_marks_of_ib_disagree() -> None:
    witness = WitnessStatus(asked=True, compared=190, standing=1, found={"stale": 3, "wide": 1})
    found = samples(gateway_metrics(msgspec.structs.replace(STATUS, witness=witness), at(12)))
    expected = {
        ("slotwise_witness_findings_total", "stale"): 3,
        ("slotwise_witness_findings_total", "wide"): 1,
        ("slotwise_witness_compared",): 190,
        ("slotwise_witness_standing",): 1,
    }
    assert {key: found.get(key) for key in expected} == expected
    without = samples(gateway_metrics(STATUS, at(12)))
    assert not any(key[0].startswith("slotwise_witness") for key in without)


def test_the_gateway_counts_lines_rotation_and_polls() -> None:
    found = samples(gateway_metrics(STATUS, at(12)))
    expected: dict[Any, float] = {
        ("slotwise_lines", "held"): 1, ("slotwise_lines", "waiting"): 2,
        ("slotwise_lines", "quoting"): 5, ("slotwise_lines", "refused"): 1,
        ("slotwise_line_limit",): 100, ("slotwise_line_full_total",): 3,
        ("slotwise_session", "ready"): 1, ("slotwise_session", "ended"): 0,
        ("slotwise_poll_age_seconds",): 12, ("slotwise_spool_entries",): 4,
        ("slotwise_quotes_per_second", "planned"): 40,
        ("slotwise_quotes_per_second", "achieved"): 39,
        ("slotwise_quote_age_seconds", "others", "achieved"): 4,
        ("slotwise_handler_errors_total", "mine"): 2,
    }  # fmt: skip
    assert {key: found.get(key) for key in expected} == expected


def test_the_lake_worker_counts_queue_landings_and_tables() -> None:
    queue = QueueStatus(
        at=NOON, waiting=5, leased=50, batches=1, oldest_s=2.5, landed_rows=50, landing_entries=3,
        commit_ms=40.0,
    )  # fmt: skip
    tables = [TableState("quotes", rows=9, files=2, bytes=100, version=4, maintained_at=None)]
    found = samples(lake_metrics(queue, tables, {"alerts.sent": 2}))
    expected: dict[Any, float] = {
        ("slotwise_queue_items", "waiting"): 5, ("slotwise_queue_lag_seconds",): 2.5,
        ("slotwise_landing_seconds",): 0.04, ("slotwise_lake_files", "quotes"): 2,
        ("slotwise_lake_commits_total", "quotes"): 4,
        ("slotwise_events_total", "alerts.sent"): 2,
    }  # fmt: skip
    assert {key: found.get(key) for key in expected} == expected
    assert ("slotwise_queue_batches",) not in samples(lake_metrics(None, [], {}))


def test_workers_and_beat_have_metrics() -> None:
    found = samples([*worker_metrics({"tasks.landing.land": 7}, 1, 2), *beat_metrics(5.0)])
    assert found["slotwise_tasks_total", "tasks.landing.land"] == 7
    assert (found["slotwise_tasks_now", "active"], found["slotwise_tasks_now", "reserved"]) == (
        1,
        2,
    )
    assert found["slotwise_beat_timestamp_seconds",] == 5.0


def test_metrics_and_health_are_served() -> None:
    """Health is a status and a reason."""
    metrics = list(beat_metrics(5.0))
    with served(metrics) as url:
        status, text = get(f"{url}/metrics")
        assert status == 200
        found = parsed(text)
        assert found.items() >= samples(metrics).items() > set()
        assert any(name[0].startswith("process_resident") for name in found)
        assert get(f"{url}/healthz") == get(f"{url}/readyz") == (200, "ok\n")
        assert get(f"{url}/elsewhere")[0] == 404
    with served(ready="no connection to TWS") as url:
        assert get(f"{url}/healthz")[0] == 200
        assert get(f"{url}/readyz") == (503, "no connection to TWS\n")
    with served(alive="the event loop hangs") as url:
        assert get(f"{url}/healthz") == get(f"{url}/readyz") == (503, "the event loop hangs\n")


def test_a_port_in_use_is_one_clear_line_and_0_serves_nothing() -> None:
    health = Health(lambda: "", lambda: "", lambda: ())
    assert serve(health, "127.0.0.1", 0) is None
    with served() as url, pytest.raises(InputError, match="SLOTWISE_HEALTH_PORT"):
        HealthServer(health, "127.0.0.1", int(url.rpartition(":")[2]))


def test_a_gateway_whose_loop_hangs_is_not_alive() -> None:
    now = [0.0]
    health = GatewayHealth(30.0, clock=lambda: now[0])
    assert (health.alive(), health.ready()) == ("", "starting")
    health.tick(STATUS)
    now[0] = HANGS_AFTER_S + 1
    assert "hangs for 16 s" in health.alive()
    health.tick(STATUS)
    assert health.alive() == ""


def test_a_gateway_is_ready_while_its_snapshots_are_fresh() -> None:
    health, now = GatewayHealth(30.0), datetime.now(UTC)
    for changes, said in (
        ({"connected_at": None, "detail": "dropped"}, "no connection to TWS: dropped"),
        ({"polled_at": None}, "no whole position snapshot yet"),
        ({"polled_at": now - timedelta(seconds=100)}, "the newest snapshot is 100 s old"),
        ({"polled_at": now}, ""),
    ):
        health.tick(msgspec.structs.replace(STATUS, **changes))
        assert health.ready() == said
