"""Metrics from what processes say of themselves; each name has its unit at its end.

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
    lines = _gauge("slotwise_lines", "Market data lines by what becomes of them.", ("state",))
    lines.add_metric(["held"], len(status.lines))
    lines.add_metric(["waiting"], len(status.waiting))
    lines.add_metric(["quoting"], status.quotes_in_flight)
    lines.add_metric(["refused"], len(status.refused))
    yield lines
    yield _one("slotwise_line_limit", "Lines there are, as far as is known.", status.limit)
    yield _count(
        "slotwise_line_full", "Requests refused for want of a line (101).", status.full_refusals
    )
    session = _gauge("slotwise_session", "1 for the state the session is in.", ("state",))
    for state in sorted({*SESSIONS, status.session}):
        session.add_metric([state], float(state == status.session))
    yield session
    held = {condition.name: condition for condition in status.conditions}
    conditions = _gauge(
        "slotwise_condition_seconds",
        "For how long a condition holds that keeps the gateway from work; 0 where it does not.",
        ("name",),
    )
    for name in get_args(ConditionName):
        began = held.get(name)
        lasted_s = 0.0 if began is None else max((now - began.since).total_seconds(), 1.0)
        conditions.add_metric([name], lasted_s)
    yield conditions
    yield _one("slotwise_positions", "Holdings of the newest snapshot.", status.positions)
    if status.polled_at is not None:
        age_s = max((now - status.polled_at).total_seconds(), 0.0)
        yield _one("slotwise_poll_age_seconds", "Age of the newest whole snapshot.", age_s)
    yield _count("slotwise_ticks", "Quotes received on lines.", status.ticks)
    yield _one("slotwise_spool_entries", "Entries kept and not landed yet.", status.spooled)
    yield _count("slotwise_updates_lost", "Updates given up.", status.updates_lost)
    handlers = CounterMetricFamily(
        "slotwise_handler_errors", "Errors of users' handlers.", labels=("handler",)
    )
    for name, count in status.handler_errors.items():
        handlers.add_metric([name], count)
    yield handlers
    yield from _rotation(status)


def _rotation(status: GatewayStatus) -> Iterable[Metric]:
    rotation = status.rotation
    rate = _gauge("slotwise_quotes_per_second", "Quotes of the rotation.", ("what",))
    rate.add_metric(["planned"], rotation.rate_planned)
    rate.add_metric(["achieved"], rotation.rate_achieved)
    yield rate
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
        disagree = CounterMetricFamily(
            "slotwise_witness_findings", "Marks of IB that disagree, by cause.", labels=("cause",)
        )
        for cause, count in status.witness.found.items():
            disagree.add_metric([cause], count)
        yield disagree
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
        items = _gauge("slotwise_queue_items", "Queue items that have not ended.", ("state",))
        items.add_metric(["waiting"], queue.waiting)
        items.add_metric(["leased"], queue.leased)
        yield items
        yield _one("slotwise_queue_batches", "Batches under way.", queue.batches)
        yield _one("slotwise_queue_lag_seconds", "Age of the oldest item.", queue.oldest_s)
        yield _one("slotwise_landing_entries", "Entries that wait to land.", queue.landing_entries)
        yield _one(
            "slotwise_landing_seconds", "What the last landing took.", queue.commit_ms / 1000
        )
        at = queue.at.timestamp()
        yield _one("slotwise_landed_timestamp_seconds", "When it was.", at)
    files = _gauge("slotwise_lake_files", "Live files of a table.", ("table",))
    rows = _gauge("slotwise_lake_rows", "Rows of a table.", ("table",))
    size = _gauge("slotwise_lake_bytes", "Bytes of a table's live files.", ("table",))
    commits = CounterMetricFamily("slotwise_lake_commits", "Commits of a table.", labels=("table",))
    for state in tables:
        files.add_metric([state.table], state.files)
        rows.add_metric([state.table], state.rows)
        size.add_metric([state.table], state.bytes)
        commits.add_metric([state.table], state.version)
    yield from (files, rows, size, commits)
    counted = CounterMetricFamily(
        "slotwise_events", "What happened: reports by status, alerts, refusals.", labels=("event",)
    )
    for name, number in sorted(counters.items()):
        counted.add_metric([name], number)
    yield counted


def worker_metrics(done: Mapping[str, int], active: int, reserved: int) -> Iterable[Metric]:
    """Yield metrics of one worker's tasks."""
    tasks = CounterMetricFamily("slotwise_tasks", "Tasks taken, by name.", labels=("task",))
    for name, number in sorted(done.items()):
        tasks.add_metric([name], number)
    yield tasks
    now = _gauge("slotwise_tasks_now", "Tasks by where they stand.", ("state",))
    now.add_metric(["active"], active)
    now.add_metric(["reserved"], reserved)
    yield now


def beat_metrics(last_beat: float | None) -> Iterable[Metric]:
    """Return when beat looked for due tasks last, unix seconds."""
    if last_beat is not None:
        yield _one("slotwise_beat_timestamp_seconds", "When beat last looked.", last_beat)


def verdict_metrics(verdict: Verdict) -> Iterable[Metric]:
    """Return 1 for each state that is found, 0 for the others, and the exit status."""
    found = {one.state for one in verdict.findings}
    states = _gauge("slotwise_state", "1 for each state of the verdict that is found.", ("state",))
    for state in STATES:
        states.add_metric([state.name], float(state.name in found))
    yield states
    yield _one("slotwise_verdict", "0 well, 1 wrong, 2 cannot tell.", verdict.exit_status)


def _gauge(name: str, what: str, labels: tuple[str, ...]) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, labels=labels)


def _one(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)


def _count(name: str, what: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, what, value=value)
