"""Metrics from the status of each process; each name has its unit at its end.

Pure: statuses and counts in, families of samples out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.core import Metric as Metric

from slotwise.bus.status import GatewayStatus, QueueStatus, QuoteAges
from slotwise.condition import ConditionName
from slotwise.health.verdict.finding import Verdict
from slotwise.health.verdict.table import STATES
from slotwise.lake.table_state import TableState

#: States of the gateway's session, so that each always has a sample that an alert can ask for.
SESSIONS = (
    "disconnected", "connecting", "connecting, TWS has lost IB", "waiting to reconnect", "ready",
    "TWS has lost IB", "ended",
)  # fmt: skip


def gateway_metrics(status: GatewayStatus, now: datetime) -> Iterable[Metric]:
    """Yield metrics of lines, rotation, session and polls."""
    lines = {
        "held": len(status.lines),
        "waiting": len(status.waiting),
        "quoting": status.quotes_in_flight,
        "refused": len(status.refused),
    }
    yield _by("slotwise_lines", "Market data lines by what becomes of them.", "state", lines)
    yield _one("slotwise_line_limit", "Lines there are, as far as is known.", status.limit)
    yield _count(
        "slotwise_line_full", "Requests refused for want of a line (101).", status.full_refusals
    )
    sessions = {state: state == status.session for state in sorted({*SESSIONS, status.session})}
    yield _by("slotwise_session", "1 for the state the session is in.", "state", sessions)
    lasted_s = dict.fromkeys(get_args(ConditionName), 0.0)
    for one in status.conditions:
        lasted_s[one.name] = max((now - one.since).total_seconds(), 1.0)
    yield _by(
        "slotwise_condition_seconds",
        "For how long a condition holds that keeps the gateway from work; 0 where it does not.",
        "name",
        lasted_s,
    )
    yield _one("slotwise_positions", "Holdings of the newest snapshot.", status.positions)
    if status.polled_at is not None:
        age_s = max((now - status.polled_at).total_seconds(), 0.0)
        yield _one("slotwise_poll_age_seconds", "Age of the newest whole snapshot.", age_s)
    yield _count("slotwise_ticks", "Quotes received on lines.", status.ticks)
    yield _one("slotwise_spool_entries", "Entries kept and not landed yet.", status.spooled)
    yield _count("slotwise_updates_lost", "Updates given up.", status.updates_lost)
    yield _counts(
        "slotwise_handler_errors", "Errors of users' handlers.", "handler", status.handler_errors
    )
    yield from _rotation(status)


def _rotation(status: GatewayStatus) -> Iterable[Metric]:
    rotation = status.rotation
    rates = {"planned": rotation.rate_planned, "achieved": rotation.rate_achieved}
    yield _by("slotwise_quotes_per_second", "Quotes of the rotation.", "what", rates)
    ages = _gauge("slotwise_quote_age_seconds", "Age of the oldest quote.", ("group", "what"))
    groups: Mapping[str, QuoteAges] = {"watched": rotation.watched, "others": rotation.others}
    for group, of in groups.items():
        for what, value in (("planned", of.planned_s), ("achieved", of.worst_s)):
            if value is not None:
                ages.add_metric([group, what], value)
    yield ages
    settle = _gauge(
        "slotwise_quote_settle_seconds",
        "Time until a quote had all that is wanted.",
        ("kind", "way", "quantile"),
    )
    quotes = CounterMetricFamily(
        "slotwise_quotes_taken", "Quotes of the rotation.", labels=("kind", "way")
    )
    whole = _gauge(
        "slotwise_quote_complete_ratio", "Share of quotes that had all.", ("kind", "way")
    )
    last = _gauge(
        "slotwise_quote_settle_last", "Which field mostly came last: 1.", ("kind", "way", "field")
    )
    for one in rotation.settle:
        settle.add_metric([one.kind, one.way, "0.5"], one.median_s)
        settle.add_metric([one.kind, one.way, "0.95"], one.p95_s)
        quotes.add_metric([one.kind, one.way], one.quotes)
        whole.add_metric([one.kind, one.way], one.complete)
        if one.last:
            last.add_metric([one.kind, one.way, one.last], 1)
    yield from (settle, quotes, whole, last)
    if status.witness.asked:
        found = status.witness.found
        yield _counts(
            "slotwise_witness_findings", "Marks of IB that disagree, by cause.", "cause", found
        )
        compared = status.witness.compared
        yield _one("slotwise_witness_compared", "Holdings with a mark of IB.", compared)
        standing = status.witness.standing
        yield _one("slotwise_witness_standing", "Disagreements that stand.", standing)
    yield _one(
        "slotwise_lines_left_to_quotes",
        "Lines that strategies leave to the rotation.",
        status.kept_for_quotes,
    )


def lake_metrics(
    queue: QueueStatus | None, tables: Iterable[TableState], counters: Mapping[str, int]
) -> Iterable[Metric]:
    """Yield metrics of the queue, of landings and tables, and what all processes counted."""
    if queue is not None:
        items = {"waiting": queue.waiting, "leased": queue.leased}
        yield _by("slotwise_queue_items", "Queue items that have not ended.", "state", items)
        yield _one("slotwise_queue_batches", "Batches under way.", queue.batches)
        yield _one("slotwise_queue_lag_seconds", "Age of the oldest item.", queue.oldest_s)
        yield _one("slotwise_landing_entries", "Entries that wait to land.", queue.landing_entries)
        yield _one(
            "slotwise_landing_seconds", "What the last landing took.", queue.commit_ms / 1000
        )
        at = queue.at.timestamp()
        yield _one("slotwise_landed_timestamp_seconds", "When it was.", at)
    states = {state.table: state for state in tables}
    files = {name: state.files for name, state in states.items()}
    yield _by("slotwise_lake_files", "Live files of a table.", "table", files)
    rows = {name: state.rows for name, state in states.items()}
    yield _by("slotwise_lake_rows", "Rows of a table.", "table", rows)
    sizes = {name: state.bytes for name, state in states.items()}
    yield _by("slotwise_lake_bytes", "Bytes of a table's live files.", "table", sizes)
    commits = {name: state.version for name, state in states.items()}
    yield _counts("slotwise_lake_commits", "Commits of a table.", "table", commits)
    yield _counts(
        "slotwise_events",
        "What happened: reports by status, alerts, refusals.",
        "event",
        dict(sorted(counters.items())),
    )


def worker_metrics(done: Mapping[str, int], active: int, reserved: int) -> Iterable[Metric]:
    """Yield metrics of one worker's tasks."""
    yield _counts("slotwise_tasks", "Tasks taken, by name.", "task", dict(sorted(done.items())))
    now = {"active": active, "reserved": reserved}
    yield _by("slotwise_tasks_now", "Tasks by where they stand.", "state", now)


def beat_metrics(last_beat: float | None) -> Iterable[Metric]:
    """Return when beat looked for due tasks last, unix seconds."""
    if last_beat is not None:
        yield _one("slotwise_beat_timestamp_seconds", "When beat last looked.", last_beat)


def verdict_metrics(verdict: Verdict) -> Iterable[Metric]:
    """Return 1 for each state that is found, 0 for the others, and the exit status."""
    found = {one.state for one in verdict.findings}
    states = {state.name: state.name in found for state in STATES}
    yield _by("slotwise_state", "1 for each state of the verdict that is found.", "state", states)
    yield _one("slotwise_verdict", "0 well, 1 wrong, 2 cannot tell.", verdict.exit_status)


def _gauge(name: str, what: str, labels: tuple[str, ...]) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, labels=labels)


def _by(name: str, what: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """Return a gauge with a sample for each value of one label."""
    family = _gauge(name, what, (label,))
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _counts(name: str, what: str, label: str, values: Mapping[str, int]) -> CounterMetricFamily:
    """Return a counter with a sample for each value of one label."""
    family = CounterMetricFamily(name, what, labels=(label,))
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _one(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)


def _count(name: str, what: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, what, value=value)
